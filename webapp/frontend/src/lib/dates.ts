/**
 * Times in the site's timezone.
 *
 * The API labels buckets with the site's own wall clock ("2026-11-23" or "2026-11-23 10:00:00").
 * Such a *stamp* is kept as text: it sorts as time does, and it is formatted as if it were UTC, so
 * the visitor's own timezone never comes into it.
 */

export type Interval = "minute" | "hour" | "date" | "month";

const DAY_MS = 86_400_000;
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${timeZone} ${JSON.stringify(options)}`;
  const known = formatters.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-GB", { timeZone, hourCycle: "h23", ...options });
  formatters.set(key, made);
  return made;
}

/** Epoch seconds -> the wall clock there: "2026-11-23 10:42:11". */
export function localStamp(epochS: number, timeZone: string): string {
  const parts = new Map(
    formatter(timeZone, {
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    })
      .formatToParts(epochS * 1000)
      .map((part) => [part.type, part.value]),
  );
  const get = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? "00";
  const date = `${get("year")}-${get("month")}-${get("day")}`;
  return `${date} ${get("hour")}:${get("minute")}:${get("second")}`;
}

/** Epoch seconds -> "11:07" there. */
export function clock(epochS: number, timeZone: string): string {
  return localStamp(epochS, timeZone).slice(11, 16);
}

/** "11:07" if it is the same day there as `nowS`, else "22 Nov, 11:07". */
export function moment(epochS: number, nowS: number, timeZone: string): string {
  const stamp = localStamp(epochS, timeZone);
  if (stamp.slice(0, 10) === localStamp(nowS, timeZone).slice(0, 10)) return stamp.slice(11, 16);
  return `${formatStamp(stamp, { day: "numeric", month: "short" })}, ${stamp.slice(11, 16)}`;
}

/** Milliseconds of a stamp read as UTC; NaN for what is no stamp. */
export function stampMs(stamp: string): number {
  return Date.parse(stamp.length === 10 ? `${stamp}T00:00:00Z` : `${stamp.replace(" ", "T")}Z`);
}

/** Move a stamp by whole days and months of the calendar; a day too many becomes the last one. */
export function shiftStamp(stamp: string, { days = 0, months = 0 }): string {
  const date = new Date(stampMs(stamp) + days * DAY_MS);
  if (months !== 0) {
    const day = date.getUTCDate();
    date.setUTCDate(1);
    date.setUTCMonth(date.getUTCMonth() + months);
    const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0));
    date.setUTCDate(Math.min(day, last.getUTCDate()));
  }
  const text = date.toISOString();
  return stamp.length === 10 ? text.slice(0, 10) : text.slice(0, 19).replace("T", " ");
}

/** Whole days from one ISO date to another, both ends counted. */
export function dayCount(from: string, to: string): number {
  return Math.round((stampMs(to) - stampMs(from)) / DAY_MS) + 1;
}

/** True for a real day of the calendar, written 2026-11-23. */
export function isIsoDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const ms = stampMs(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/** The stamp at which a bucket ends, which is where the next begins. */
export function bucketEnd(stamp: string, interval: Interval): string {
  if (interval === "date") return shiftStamp(stamp, { days: 1 });
  if (interval === "month") return shiftStamp(stamp, { months: 1 });
  const ms = stampMs(stamp) + (interval === "hour" ? 3_600_000 : 60_000);
  return new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}

/** What a tooltip calls a bucket: "Mon 23 Nov, 10:00–11:00", "Mon 23 Nov", "November 2026". */
export function bucketLabel(stamp: string, interval: Interval): string {
  if (interval === "month") return formatStamp(stamp, { month: "long", year: "numeric" });
  const day = dayLabel(stamp);
  if (interval === "date") return day;
  return `${day}, ${stamp.slice(11, 16)}\u2013${bucketEnd(stamp, interval).slice(11, 16)}`;
}

/** "Mon 23 Nov". */
export function dayLabel(stamp: string): string {
  return formatStamp(stamp, { weekday: "short", day: "numeric", month: "short" }).replace(",", "");
}

/** "3 Nov" or, with the year, "3 Nov 2025". */
export function shortDate(stamp: string, withYear: boolean): string {
  return formatStamp(stamp, {
    day: "numeric",
    month: "short",
    ...(withYear && { year: "numeric" }),
  });
}

/** A stamp through Intl, read as UTC so that nothing shifts. */
export function formatStamp(stamp: string, options: Intl.DateTimeFormatOptions): string {
  const ms = stampMs(stamp);
  return Number.isNaN(ms) ? stamp : formatter("UTC", options).format(ms);
}
