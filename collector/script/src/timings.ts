// Web vitals (web.dev/articles/vitals) and the phases of loading (W3C Navigation Timing).
import { whole } from "./config.ts";
import type { Timings } from "./types.ts";

interface Entry extends PerformanceNavigationTiming {
  value?: number;
  hadRecentInput: boolean;
  interactionId: number;
}

let fresh: Timings = {};
// How long a page takes that nobody waits for says nothing.
let isWatched = !document.hidden;
let slowest = 0;
let shifts = 0;
let worstShifts = 0;
let firstShift = 0;
let lastShift = 0;

const set = (name: string, value: number) => {
  if (isWatched && value > 0) fresh[name] = whole(value);
};

const observer = new PerformanceObserver((list) => {
  for (const entry of list.getEntries() as Entry[]) {
    const { name, entryType, startTime, duration, value } = entry;
    // first-contentful-paint by its name, largest-contentful-paint by its type
    const paint = /^(.).*-c/.exec(name || entryType);
    if (paint) set(paint[1] + "cp", startTime);
    if (value! >= 0 && !entry.hadRecentInput) {
      // A burst ends after a second of rest or five seconds; the worst one counts.
      if (startTime - lastShift > 1e3 || startTime - firstShift > 5e3) {
        shifts = 0;
        firstShift = startTime;
      }
      lastShift = startTime;
      shifts += value!;
      if (shifts > worstShifts) fresh["cls"] = worstShifts = shifts;
    }
    if (entry.interactionId && duration > slowest) fresh["inp"] = slowest = duration;
    // Only the document's own entry has any of these; what has no start began with the page.
    const { connectEnd, responseStart, responseEnd, secureConnectionStart } = entry;
    set("ttfb", responseStart);
    set("dns", entry.domainLookupEnd - entry.domainLookupStart);
    set("connect", connectEnd - entry.connectStart);
    set("ssl", secureConnectionStart && connectEnd - secureConnectionStart);
    set("download", responseEnd - responseStart);
    set("dom_content_loaded", entry.domContentLoadedEventEnd);
    set("render", entry.domComplete - responseEnd);
    set("page_load", entry.loadEventEnd);
    set("transfer_size", entry.transferSize);
  }
});
for (const type of PerformanceObserver.supportedEntryTypes) {
  if (/paint|event|shift|nav/.test(type)) {
    observer.observe({ type, buffered: true, durationThreshold: 16 } as PerformanceObserverInit);
    if (type[7] == "s") fresh["cls"] = 0; // layout-shift
  }
}

/** What became known or changed since the last call. */
export const takeTimings = () => {
  const taken = fresh;
  fresh = {};
  isWatched = false;
  return taken;
};
