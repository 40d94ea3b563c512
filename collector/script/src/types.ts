// What pages give the script, and what it sends.

export type Props = Record<string, string | number | boolean>;
/** Milliseconds by name; `cls` is a plain score, `transfer_size` bytes. */
export type Timings = Record<string, number>;

export interface Revenue {
  amount: number | string;
  currency: string;
}

/** What an event can carry beside its name. */
export interface Options {
  props?: Props;
  revenue?: Revenue;
  /** false: the event does not keep a visit from being a bounce. */
  interactive?: boolean;
  /** Address the event belongs to; the page's own when absent. */
  url?: string;
  /** The same, as Plausible's clients call it. */
  u?: string;
  /** Called once, when the first try was answered (`status`) or failed. */
  callback?: (result?: { status?: number }) => void;
}

/** An event as the collector reads it; what is absent or undefined is not sent. */
export interface Event {
  n: string;
  u: string;
  d: string | undefined;
  r: string;
  p?: Props | undefined;
  $?: Revenue | undefined;
  i?: boolean | undefined;
  h: number;
  w: number;
  e?: number;
  sd?: number;
  t?: Timings | undefined;
  v: 1;
  event_id: string;
}

/** May change an event; only what it returns is sent, nothing when that is null. */
export type BeforeSend = (event: Event) => Event | null | undefined | false;

/** Switches: on when the attribute is there at all. */
export type Flag =
  | "hash" // pages are told apart by the fragment too
  | "manual" // no pageviews but those the page asks for
  | "local"; // count local pages as well

/** The `data-` attributes of the script's tag. */
export interface Config extends Partial<Record<Flag, unknown>> {
  /** Site, or several separated by commas; the page's host when absent. */
  domain?: string;
  /** Address of the collector's `/api/event`. */
  api?: string;
  /** Paths, comma-separated: `*` stands for part of a segment, `**` for anything. */
  include?: string;
  exclude?: string;
  /** An event sent once with the page, as `404`. */
  event?: string;
  /** Names of events that are not sent, as in `Form: Submission, engagement`. */
  off?: string;
  /** Endings of files whose links are downloads, between bars: `epub|md`. */
  fileTypes?: string;
  /** The function, or the name of a global one. */
  beforeSend?: string | BeforeSend;
}

export interface Track {
  (name: string, options?: Options): void;
  /** Calls made before the script came, by a stub in the page. */
  q?: Iterable<unknown>[];
  /** Set by a running script, so that a second one stays away. */
  on?: unknown;
}

declare global {
  interface Window {
    pawprint?: Track;
    plausible?: Track;
  }
}
