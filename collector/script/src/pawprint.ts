// Puts the parts together: pageviews by themselves, other events by calling `pawprint`.
import { isLocal, readConfig } from "./config.ts";
import { makeEvent, newId, type Options } from "./events.ts";
import { watchRoutes } from "./routes.ts";
import { Sender } from "./sender.ts";

export interface Pawprint {
  (name: string, options?: Options): void;
  /** Calls made before the script came, by a stub in the page. */
  q?: Parameters<Pawprint>[];
}

declare global {
  interface Window {
    pawprint?: Pawprint;
  }
}

/** Start counting on a page whose script tag is `tag`. */
export function start(window: Window & typeof globalThis, tag: HTMLScriptElement): void {
  const { location, document, crypto } = window;
  const config = readConfig(tag, location);
  const earlier = window.pawprint?.q ?? [];
  if (isLocal(location) && !config.allowLocal) {
    window.console.warn("pawprint: local page not counted; add data-allow-local to count it");
    window.pawprint = () => {};
    return;
  }
  const sender = new Sender(window, config.api);
  const pawprint: Pawprint = (name, options) => {
    const id = newId(crypto);
    const { href } = location;
    const event = makeEvent(name, href, config.domain, document.referrer, id, options);
    sender.send(JSON.stringify(event));
  };
  window.pawprint = pawprint;
  watchRoutes(window, () => pawprint("pageview"));
  for (const call of earlier) pawprint(...call);
}
