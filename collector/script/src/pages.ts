// Tells when the visitor sees another page, also where scripts change it without loading.
import { config, on, pathNow } from "./config.ts";
import { track } from "./track.ts";

let last: string | undefined;

/** A pageview when the path is another one; the same path twice in a row counts once. */
const look = (event?: Partial<PageTransitionEvent>) => {
  // Back from the browser's memory the visitor sees the page again.
  if (event?.persisted) last = "";
  // A page loaded ahead of a click, or in a tab behind, was not seen yet.
  if (!document.hidden && last != (last = pathNow())) track("pageview");
};

if (!("manual" in config)) {
  for (const name of ["pushState", "replaceState"] as const) {
    const original = history[name];
    history[name] = (...state) => {
      original.apply(history, state);
      look();
    };
  }
  on("popstate visibilitychange pageshow", look);
  look();
}
// What kind of page it is, as 404.
if (config.event) track(config.event, { interactive: false });
