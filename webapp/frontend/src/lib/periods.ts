/** The period on show: what the API is asked, what it is compared with, what it is called. */

import { dayCount, type Interval, isIsoDate, shiftStamp, shortDate } from "./dates";

export const PRESETS = ["24h", "7d", "30d", "12mo"] as const;
export type Preset = (typeof PRESETS)[number];

/** `from` and `to` are ISO dates in the site's timezone, both counted. */
export type Period =
  | { readonly kind: Preset }
  | { readonly kind: "custom"; readonly from: string; readonly to: string };

/** What `period` and `date` of the API are. */
export interface PeriodParams {
  readonly period: Preset | "custom";
  readonly date?: string;
}

const WORDS: Readonly<Record<Preset, string>> = {
  "24h": "24 hours",
  "7d": "7 days",
  "30d": "30 days",
  "12mo": "12 months",
};
const HOURS_UP_TO_DAYS = 8;
const DAYS_UP_TO_DAYS = 366;
const CUSTOM_DAYS_MAX = 3660;

/** A custom period, put in order; null if one of its ends is no date or it is far too long. */
export function customPeriod(from: string, to: string): Period | null {
  if (!isIsoDate(from) || !isIsoDate(to)) return null;
  const [first, last] = from <= to ? [from, to] : [to, from];
  return dayCount(first, last) <= CUSTOM_DAYS_MAX
    ? { kind: "custom", from: first, to: last }
    : null;
}

export function isPreset(text: string | null): text is Preset {
  return (PRESETS as readonly (string | null)[]).includes(text);
}

export function periodParams(period: Period): PeriodParams {
  if (period.kind !== "custom") return { period: period.kind };
  return { period: "custom", date: `${period.from},${period.to}` };
}

/** The steps of its chart. */
export function intervalOf(period: Period): Interval {
  switch (period.kind) {
    case "24h":
    case "7d":
      return "hour";
    case "30d":
      return "date";
    case "12mo":
      return "month";
    case "custom": {
      const days = dayCount(period.from, period.to);
      if (days <= HOURS_UP_TO_DAYS) return "hour";
      return days <= DAYS_UP_TO_DAYS ? "date" : "month";
    }
  }
}

/** How far back the period lies that this one is compared with. */
export function comparisonShift(period: Period): { days?: number; months?: number } {
  switch (period.kind) {
    case "24h":
      return { days: -1 };
    case "7d":
      return { days: -7 };
    case "30d":
      return { days: -30 };
    case "12mo":
      return { months: -12 };
    case "custom":
      return { days: -dayCount(period.from, period.to) };
  }
}

/**
 * What to ask for the comparison series: the days (for 24h: the hours) just before those of
 * `stamps`, the buckets of the period itself. Null if there are none.
 */
export function comparisonParams(
  period: Period,
  stamps: readonly string[],
): PeriodParams | null {
  const first = stamps[0];
  const last = stamps.at(-1);
  if (first === undefined || last === undefined) return null;
  const shift = comparisonShift(period);
  if (period.kind === "24h") {
    const from = shiftStamp(first, shift).replace(" ", "T");
    const until = shiftStamp(hourLater(last), shift).replace(" ", "T");
    return { period: "custom", date: `${from},${until}` };
  }
  const from = shiftStamp(first.slice(0, 10), shift);
  const to =
    period.kind === "12mo"
      ? shiftStamp(first.slice(0, 10), { days: -1 })
      : shiftStamp(last.slice(0, 10), shift);
  if (period.kind === "custom") {
    return {
      period: "custom",
      date: `${shiftStamp(period.from, shift)},${shiftStamp(period.to, shift)}`,
    };
  }
  return { period: "custom", date: `${from},${to}` };
}

/** "7 days", "3 Nov – 9 Nov". */
export function periodLabel(period: Period): string {
  if (period.kind !== "custom") return WORDS[period.kind];
  const { from, to } = period;
  if (from === to) return shortDate(from, true);
  const withYear = from.slice(0, 4) !== to.slice(0, 4);
  return `${shortDate(from, withYear)} \u2013 ${shortDate(to, withYear)}`;
}

/** How long the comparison period is: "7 days", "day". */
export function comparisonSpan(period: Period): string {
  if (period.kind !== "custom") return WORDS[period.kind];
  const days = dayCount(period.from, period.to);
  return days === 1 ? "day" : `${String(days)} days`;
}

function hourLater(stamp: string): string {
  const ms = Date.parse(`${stamp.replace(" ", "T")}Z`) + 3_600_000;
  return new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}
