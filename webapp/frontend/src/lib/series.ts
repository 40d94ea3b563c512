/** From the API's buckets to what the chart draws: by position, not by time, so DST needs no care. */

import { bucketEnd, formatStamp, type Interval } from "./dates";

export interface Point {
  readonly stamp: string;
  readonly value: number | null;
}

export interface ChartSeries {
  readonly stamps: readonly string[];
  /** Values whose bucket is over; null after it. */
  readonly final: readonly (number | null)[];
  /** The last final value and what is still being counted; null elsewhere. Drawn dashed. */
  readonly provisional: readonly (number | null)[];
  /** The comparison period's value at the same place, or null. */
  readonly previous: readonly (number | null)[];
  readonly previousStamps: readonly (string | null)[];
  /** Position of the first bucket that is not over; the length if all are. */
  readonly openFrom: number;
}

export interface Tick {
  readonly index: number;
  readonly label: string;
}

const AXIS_STEPS = 3;
const ROUND_STEPS = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/**
 * Put both periods one over the other.
 *
 * `until` is the stamp up to which numbers are final (the site's wall clock), `now` the present
 * one: buckets after it lie ahead and have no value yet. `shifted` gives the comparison bucket of
 * a bucket; where the calendar does not fit (months, a lost hour), the same position serves.
 */
export function chartSeries(
  current: readonly Point[],
  previous: readonly Point[],
  interval: Interval,
  { until, now, shifted }: { until: string; now: string; shifted: (stamp: string) => string },
): ChartSeries {
  const open = current.findIndex(({ stamp }) => comparable(bucketEnd(stamp, interval)) > until);
  const openFrom = open === -1 ? current.length : open;
  const valueAt = ({ stamp, value }: Point) => (comparable(stamp) > now ? null : value);
  const byStamp = new Map(previous.map((point) => [point.stamp, point]));
  const partners = current.map(({ stamp }, index) =>
    interval === "month" ? previous[index] : byStamp.get(shifted(stamp)),
  );
  return {
    stamps: current.map(({ stamp }) => stamp),
    final: current.map((point, index) => (index < openFrom ? point.value : null)),
    provisional: current.map((point, index) => (index >= openFrom - 1 ? valueAt(point) : null)),
    previous: partners.map((partner) => partner?.value ?? null),
    previousStamps: partners.map((partner) => partner?.stamp ?? null),
    openFrom,
  };
}

/** Labels under the chart, thinned to at most `ticksMax`. */
export function axisTicks(
  stamps: readonly string[],
  interval: Interval,
  ticksMax: number,
): Tick[] {
  const dayNames = interval === "hour" && stamps.length > 26;
  const candidates = stamps.flatMap((stamp, index): Tick[] => {
    // A day's name stands under its noon, the middle of its 24 hours.
    if (dayNames) return stamp.endsWith("12:00:00") ? [{ index, label: dayTick(stamp) }] : [];
    return [{ index, label: tickLabel(stamp, interval) }];
  });
  const step = niceStep(candidates.length / Math.max(1, ticksMax), interval, dayNames);
  // Counted from the end, so that the most recent bucket is always named.
  return candidates.filter((_, at) => (candidates.length - 1 - at) % step === 0);
}

/** Where the grid lines are: in three steps, or in four where that is what makes them whole. */
export function gridValues(top: number): number[] {
  const steps = top % AXIS_STEPS !== 0 && top % 4 === 0 ? 4 : AXIS_STEPS;
  return Array.from({ length: steps + 1 }, (_, step) => (top * step) / steps);
}

/**
 * The top of an axis of three steps that holds all values and is at least `least`. `whole`: the
 * numbers on the grid lines are written without decimals, so the steps must have none.
 */
export function axisTop(values: readonly (number | null)[], least: number, whole: boolean): number {
  const step = Math.max(least, ...values.map((value) => value ?? 0)) / AXIS_STEPS;
  const size = 10 ** Math.floor(Math.log10(step));
  const round = size * (ROUND_STEPS.find((factor) => factor * size >= step) ?? 10);
  return AXIS_STEPS * (whole ? Math.ceil(round) : round);
}

function tickLabel(stamp: string, interval: Interval): string {
  if (interval === "month") return formatStamp(stamp, { month: "short" });
  if (interval === "date") return formatStamp(stamp, { day: "numeric", month: "short" });
  return stamp.slice(11, 16);
}

function dayTick(stamp: string): string {
  return formatStamp(stamp, { weekday: "short", day: "numeric" }).replace(",", "");
}

/** Every n-th label, with n as a clock or calendar would have it. */
function niceStep(least: number, interval: Interval, dayNames: boolean): number {
  const steps = interval === "hour" && !dayNames ? [1, 2, 3, 4, 6, 12] : [1, 2, 3, 5, 7, 14, 30];
  return steps.find((step) => step >= least) ?? Math.ceil(least);
}

/** Days and hours in one order: a day is its first second. */
function comparable(stamp: string): string {
  return stamp.length === 10 ? `${stamp} 00:00:00` : stamp;
}
