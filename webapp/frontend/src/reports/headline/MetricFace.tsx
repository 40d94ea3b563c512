import type { AggregateValue } from "../../api/types";
import { formatChange } from "../../lib/format";
import { METRIC_INFO, type MetricName, verdict } from "../../lib/metrics";

interface MetricFaceProps {
  readonly metric: MetricName;
  /** Undefined while it is loading. */
  readonly value: AggregateValue | undefined;
  /** How long the period is that the change is against, "7 days"; null: no comparison is wanted. */
  readonly against: string | null;
}

/** What stands on one of the chart's tabs: name, number, change. */
export function MetricFace({ metric, value, against }: MetricFaceProps) {
  const { label, format } = METRIC_INFO[metric];
  return (
    <>
      <span className="kpi-name">{label}</span>{" "}
      {value ? (
        <span className="kpi-value">{format(value.value)}</span>
      ) : (
        <span className="skeleton skeleton-kpi" />
      )}{" "}
      {against !== null && (
        <Change metric={metric} change={value?.change ?? null} against={against} />
      )}
    </>
  );
}

interface ChangeProps {
  readonly metric: MetricName;
  readonly change: number | null;
  readonly against: string;
}

function Change({ metric, change, against }: ChangeProps) {
  if (change === null) return <span className="kpi-change same">{"\u00a0"}</span>;
  return (
    <span className={`kpi-change ${verdict(metric, change)}`}>
      {formatChange(change)}
      <span className="visually-hidden"> against the previous {against}</span>
    </span>
  );
}
