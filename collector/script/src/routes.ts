// Tells when a page shows another path, also where scripts change it without loading.

/** Calls `seen` now and after each change of the path; the same path twice in a row counts once. */
export function watchRoutes(window: Window & typeof globalThis, seen: () => void): void {
  const { history, location, document } = window;
  let last: string | undefined;
  const look = () => {
    if (location.pathname === last) return;
    last = location.pathname;
    seen();
  };
  for (const name of ["pushState", "replaceState"] as const) {
    const original = history[name];
    history[name] = function (this: History, ...args: Parameters<History["pushState"]>) {
      original.apply(this, args);
      look();
    };
  }
  window.addEventListener("popstate", look);
  // Back from the browser's memory: the visitor sees the page again.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      last = undefined;
      look();
    }
  });
  // A page loaded ahead of a click was not seen yet.
  if (document.visibilityState !== "hidden") return look();
  const shown = () => {
    if (document.visibilityState === "hidden") return;
    document.removeEventListener("visibilitychange", shown);
    look();
  };
  document.addEventListener("visibilitychange", shown);
}
