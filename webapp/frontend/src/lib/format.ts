/** Numbers as people read them. Every function here is pure and knows nothing of the page. */

// More says only that there was hardly anything to compare with.
const CHANGE_MAX = 999;
const COUNT = new Intl.NumberFormat("en-GB");
const COMPACT = new Intl.NumberFormat("en-GB", { notation: "compact", maximumFractionDigits: 2 });
const RATIO = new Intl.NumberFormat("en-GB", {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
});
const COMPACT_FROM = 1_000_000;
const MINUS = "\u2212"; // as wide as the plus sign, unlike the hyphen
const NOTHING = "\u2013";

/** 12847 -> "12,847". */
export function formatCount(value: number): string {
  return COUNT.format(Math.round(value));
}

/** As `formatCount`, but "1.23M" where a whole number would burst a headline. */
export function formatHeadline(value: number | null): string {
  if (value === null) return NOTHING;
  return value >= COMPACT_FROM ? COMPACT.format(value).toUpperCase() : formatCount(value);
}

/** 2.987 -> "2.99"; no visits, no ratio. */
export function formatRatio(value: number | null): string {
  return value === null ? NOTHING : RATIO.format(value);
}

/** 41.3 -> "41%". `value` is in percent already. */
export function formatPercent(value: number | null): string {
  return value === null ? NOTHING : `${String(Math.round(value))}%`;
}

/** Seconds: 168 -> "2m 48s", 8 -> "8s", 3725 -> "1h 02m". */
export function formatDuration(seconds: number | null): string {
  if (seconds === null) return NOTHING;
  const whole = Math.round(seconds);
  if (whole < 60) return `${String(whole)}s`;
  if (whole < 3600) return `${String(Math.floor(whole / 60))}m ${pad(whole % 60)}s`;
  return `${String(Math.floor(whole / 3600))}h ${pad(Math.floor((whole % 3600) / 60))}m`;
}

/** Milliseconds: 840 -> "840 ms", 2430 -> "2.4 s". */
export function formatMillis(millis: number): string {
  return millis < 1_000 ? `${String(Math.round(millis))} ms` : `${(millis / 1_000).toFixed(1)} s`;
}

/** 0.0834 -> "0.08". */
export function formatScore(value: number): string {
  return RATIO.format(value);
}

/** A change in percent: 14 -> "+14%", -3.2 -> "−3%", 0 -> "0%", beyond 999 -> ">999%". */
export function formatChange(percent: number): string {
  const whole = Math.round(percent);
  if (whole === 0) return "0%";
  if (whole > CHANGE_MAX) return `>${COUNT.format(CHANGE_MAX)}%`;
  return `${whole > 0 ? "+" : MINUS}${COUNT.format(Math.abs(whole))}%`;
}

/** How much of `total` a row is: 0.4% is not nothing, so it says "<1%". */
export function formatShare(part: number, total: number): string {
  if (total <= 0 || part <= 0) return "0%";
  const percent = (100 * part) / total;
  return percent < 1 ? "<1%" : `${String(Math.min(100, Math.round(percent)))}%`;
}

/** "1 visitor", "3 visitors". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
