// An event as the collector reads it.

export type Props = Record<string, string | number | boolean>;

export interface Options {
  props?: Props;
  interactive?: boolean;
  url?: string;
}

export interface Event {
  n: string;
  u: string;
  d: string;
  r?: string;
  p?: Props;
  i?: false;
  event_id: string;
}

/** 128 random bits: the same for every try to send one event, so that a retry counts once. */
export function newId(crypto: Crypto): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("-");
}

/** `referrer` "" and an interactive event are the defaults, which are not sent. */
export function makeEvent(
  name: string,
  url: string,
  domain: string,
  referrer: string,
  id: string,
  options: Options = {},
): Event {
  const event: Event = { n: name, u: options.url ?? url, d: domain, event_id: id };
  if (referrer) event.r = referrer;
  if (options.props) event.p = options.props;
  if (options.interactive === false) event.i = false;
  return event;
}
