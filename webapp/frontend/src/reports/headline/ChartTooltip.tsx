import { bucketLabel, type Interval } from "../../lib/dates";
import { formatChange } from "../../lib/format";
import { changeOf, METRIC_INFO, type MetricName, verdict } from "../../lib/metrics";
import type { ChartSeries } from "../../lib/series";

export interface Hover {
  /** The bucket's position in the series. */
  readonly index: number;
  /** Of the pointer, in CSS pixels from the plot's left. */
  readonly left: number;
}

interface ChartTooltipProps {
  readonly hover: Hover;
  readonly series: ChartSeries;
  readonly metric: MetricName;
  readonly interval: Interval;
}

/** What lies under the pointer, now and in the period before. */
export function ChartTooltip({ hover, series, metric, interval }: ChartTooltipProps) {
  const { index, left } = hover;
  const { label, format } = METRIC_INFO[metric];
  const stamp = series.stamps[index];
  if (stamp === undefined) return null;
  const value = series.final[index] ?? series.provisional[index] ?? null;
  const previous = series.previous[index] ?? null;
  const previousStamp = series.previousStamps[index];
  const isOpen = index >= series.openFrom;
  const change = isOpen ? null : changeOf(metric, value, previous);
  const isLate = index > series.stamps.length / 2;
  return (
    <div
      className={isLate ? "tooltip-card tooltip-left" : "tooltip-card"}
      style={{ left: `${String(left)}px` }}
      aria-hidden="true"
    >
      <p className="tooltip-title">
        {label}
        {change !== null && (
          <span className={verdict(metric, change)}>{formatChange(change)}</span>
        )}
      </p>
      <p className="tooltip-line">
        <i className={isOpen ? "swatch swatch-open" : "swatch"} />
        <span>{bucketLabel(stamp, interval)}</span>
        <b>{format(value)}</b>
      </p>
      {previousStamp != null && (
        <p className="tooltip-line tooltip-previous">
          <i className="swatch swatch-previous" />
          <span>{bucketLabel(previousStamp, interval)}</span>
          <b>{format(previous)}</b>
        </p>
      )}
      {isOpen && <p className="tooltip-note">{value === null ? "Still to come" : "Still counting"}</p>}
    </div>
  );
}
