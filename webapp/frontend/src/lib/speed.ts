/**
 * How fast pages are for those who look at them: what the third quartile of visitors saw.
 *
 * Bounds of good and poor: https://web.dev/articles/vitals (LCP, INP, CLS), web.dev/articles/fcp and
 * web.dev/articles/ttfb.
 */

import type { DimensionName } from "./dimensions";
import { formatMillis, formatScore } from "./format";

export const SPEEDS = ["lcp", "inp", "cls", "fcp", "ttfb"] as const;

export type SpeedName = (typeof SPEEDS)[number];
export type Rating = "good" | "fair" | "poor";

export interface SpeedInfo {
  readonly label: string;
  /** The name among those who measure it, in full. */
  readonly title: string;
  readonly format: (value: number) => string;
  /** Up to this it is good. */
  readonly good: number;
  /** From here on it is poor. */
  readonly poor: number;
}

export const SPEED_INFO: Readonly<Record<SpeedName, SpeedInfo>> = {
  lcp: millis("Main content", "Largest Contentful Paint (LCP)", 2_500, 4_000),
  inp: millis("Answer to input", "Interaction to Next Paint (INP)", 200, 500),
  cls: {
    label: "Layout shift",
    title: "Cumulative Layout Shift (CLS), a score",
    format: formatScore,
    good: 0.1,
    poor: 0.25,
  },
  fcp: millis("First content", "First Contentful Paint (FCP)", 1_800, 3_000),
  ttfb: millis("First byte", "Time to First Byte (TTFB)", 800, 1_800),
};

export function ratingOf(name: SpeedName, value: number): Rating {
  const { good, poor } = SPEED_INFO[name];
  if (value <= good) return "good";
  return value < poor ? "fair" : "poor";
}

/** How long a bar is, in percent: poor begins at three quarters. */
export function lengthOf(name: SpeedName, value: number): number {
  return Math.min(100, (75 * value) / SPEED_INFO[name].poor);
}

/** Timings are known of pages and of visitors, but not of a whole visit or another event. */
export function isSpeedKnownBy(dimension: DimensionName): boolean {
  return !/^visit:(entry|exit)_|^event:name$/.test(dimension);
}

function millis(label: string, title: string, good: number, poor: number): SpeedInfo {
  return { label, title, format: formatMillis, good, poor };
}
