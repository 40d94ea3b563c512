import { useId } from "react";

import type { Aggregate } from "../../api/types";
import { Problem } from "../../components/Problem";
import { ChartSkeleton } from "../../components/Skeleton";
import { tabId, Tabs } from "../../components/Tabs";
import type { ChartData } from "../../hooks/useStats";
import { METRIC_INFO, type MetricName, METRICS } from "../../lib/metrics";
import { comparisonSpan } from "../../lib/periods";
import { SeriesChart } from "./SeriesChart";
import { MetricFace } from "./MetricFace";

/** The part of a query's result that this report looks at. */
interface Loaded<Data> {
  readonly data: Data | undefined;
  readonly error: Error | null;
  readonly isPlaceholderData: boolean;
  readonly refetch: () => unknown;
}

/**
 * How long the period is that changes are against. Null if nobody came in it: the API calls a
 * change from nothing 100%, which is no growth worth telling.
 */
function spanBefore(chart: ChartData | undefined): string | null {
  if (chart?.previous.every(({ visitors }) => !visitors)) return null;
  return chart ? comparisonSpan(chart.period) : "period";
}

interface HeadlineProps {
  readonly aggregate: Loaded<Aggregate>;
  readonly chart: Loaded<ChartData>;
  readonly metric: MetricName;
  readonly onMetric: (metric: MetricName) => void;
  readonly compare: boolean;
  readonly timezone: string;
  readonly finalUntil: number | null;
  readonly theme: "light" | "dark";
}

/** The headline numbers, which are the tabs of the one chart. */
export function Headline(props: HeadlineProps) {
  const { aggregate, chart, metric, onMetric, compare } = props;
  const panelId = useId();
  const failed = aggregate.error ?? chart.error;
  if (failed && (!aggregate.data || !chart.data)) {
    return (
      <section className="headline" aria-label="Headline numbers">
        <Problem
          what="The numbers of this period"
          error={failed}
          onRetry={() => {
            void aggregate.refetch();
            void chart.refetch();
          }}
        />
      </section>
    );
  }
  const against = compare ? spanBefore(chart.data) : null;
  return (
    <section
      className={aggregate.isPlaceholderData ? "headline is-old" : "headline"}
      aria-label="Headline numbers"
    >
      <Tabs
        label="Number on the chart"
        className="kpis"
        tabClassName="kpi"
        panelId={panelId}
        selected={metric}
        onSelect={onMetric}
        tabs={METRICS.map((name) => ({
          name,
          face: (
            <MetricFace
              metric={name}
              value={aggregate.data?.[name]}
              against={against}
            />
          ),
        }))}
      />
      <div id={panelId} role="tabpanel" aria-labelledby={tabId(panelId, metric)}>
        {chart.data ? (
          <SeriesChart
            data={chart.data}
            metric={metric}
            title={METRIC_INFO[metric].label}
            timezone={props.timezone}
            finalUntil={props.finalUntil}
            theme={props.theme}
          />
        ) : (
          <ChartSkeleton />
        )}
      </div>
    </section>
  );
}
