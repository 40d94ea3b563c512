// From a name to an event on its way.
import { config } from "./config.ts";
import { enter } from "./engagement.ts";
import { send } from "./sender.ts";
import { isIgnored } from "./skipping.ts";
import type { BeforeSend, Event, Options } from "./types.ts";

/** Sends events of the page's own; never throws. `more` is for our own. */
export const track = (name: string, options: Options = {}, more?: Partial<Event>) => {
  try {
    const hook = (window[config.beforeSend as never] || config.beforeSend) as BeforeSend;
    let event: Event | false | null | undefined;
    // An engagement is of a page that did count.
    if (!more && isIgnored()) console.warn("pawprint off");
    else if (!config.off?.includes(name)) {
      event = {
        n: name,
        u: options.url || options.u || location.href,
        d: config.domain,
        r: document.referrer,
        p: options.props,
        $: options.revenue,
        i: options.interactive,
        h: +("hash" in config),
        w: innerWidth,
        v: 1,
        // The same for every try to send one event, so that a retry counts once.
        event_id: `${Math.random()}${Math.random()}`,
        ...more,
      };
      if (hook) event = hook(event);
    }
    if (name == "pageview") enter((event as Event | undefined)?.u);
    if (event) send(JSON.stringify(event), options.callback);
    else options.callback?.();
  } catch (error) {
    console.warn(error);
  }
};
