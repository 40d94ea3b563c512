/** The headline numbers: what they are called, how they are written, which way is better. */

import { formatDuration, formatHeadline, formatPercent, formatRatio } from "./format";

export const METRICS = [
  "visitors",
  "visits",
  "pageviews",
  "views_per_visit",
  "bounce_rate",
  "visit_duration",
] as const;

export type MetricName = (typeof METRICS)[number];

export interface MetricInfo {
  readonly label: string;
  readonly format: (value: number | null) => string;
  readonly lowerIsBetter: boolean;
  /** Rates are bounded by 100; the axis must not promise more. */
  readonly axisMax: number | null;
  /** The lowest top of the axis, so that next to nothing looks like it. */
  readonly axisLeast: number;
  /** Whether it is written without decimals. */
  readonly isWhole: boolean;
}

export const METRIC_INFO: Readonly<Record<MetricName, MetricInfo>> = {
  visitors: info("Visitors", formatHeadline),
  visits: info("Visits", formatHeadline),
  pageviews: info("Pageviews", formatHeadline),
  views_per_visit: { ...info("Views / visit", formatRatio), axisLeast: 1.5, isWhole: false },
  bounce_rate: { ...info("Bounce rate", formatPercent), lowerIsBetter: true, axisMax: 100, axisLeast: 30 },
  visit_duration: { ...info("Visit time", formatDuration), axisLeast: 30 },
};

/**
 * How much `value` differs from `previous`, as the API has it: in percent, of a bounce rate in
 * points. Null where there is nothing to compare.
 */
export function changeOf(
  metric: MetricName,
  value: number | null,
  previous: number | null,
): number | null {
  if (value === null || previous === null) return null;
  if (metric === "bounce_rate") return value - previous;
  return previous === 0 ? null : (100 * (value - previous)) / previous;
}

export type Verdict = "better" | "worse" | "same";

/** Whether a change is good news; below half a percent it is no news. */
export function verdict(metric: MetricName, changePercent: number): Verdict {
  if (Math.abs(changePercent) < 0.5) return "same";
  return changePercent > 0 !== METRIC_INFO[metric].lowerIsBetter ? "better" : "worse";
}

export function isMetric(name: string | null): name is MetricName {
  return (METRICS as readonly (string | null)[]).includes(name);
}

function info(label: string, format: MetricInfo["format"]): MetricInfo {
  return { label, format, lowerIsBetter: false, axisMax: null, axisLeast: 3, isWhole: true };
}
