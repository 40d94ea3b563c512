// How long a page was looked at and how far it was scrolled.
import { on, whole } from "./config.ts";
import { takeTimings } from "./timings.ts";
import { track } from "./track.ts";

/** Engaged milliseconds worth a request. */
const WORTH_MS = 99;

let url: string | undefined;
let engaged: number;
let active: boolean;
let since: number;
let bottom: number;

const look = () => {
  const now = performance.now();
  if (active) engaged += now - since;
  since = now;
  active = document.hasFocus() && !document.hidden;
  bottom = Math.max(bottom, scrollY + innerHeight);
};

/** Report engaged time since the last report, deepest scroll in percent, and new timings. */
const leave = () => {
  look();
  if (url && engaged > WORTH_MS) {
    const depth = (100 * bottom) / document.documentElement.scrollHeight;
    track("engagement", { url }, { e: whole(engaged), sd: whole(depth > 100 ? 100 : depth), t: takeTimings() });
    engaged = 0;
  }
};

/** The page on show is another one from here on; none for one that does not count. */
export const enter = (next?: string) => {
  leave();
  url = next;
  engaged = bottom = 0;
  look();
};

on("focus blur scroll", look);
on("visibilitychange pagehide", leave);
