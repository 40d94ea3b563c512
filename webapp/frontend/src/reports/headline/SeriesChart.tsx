import "uplot/dist/uPlot.min.css";

import { useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";

import type { TimeseriesBucket } from "../../api/types";
import type { ChartData } from "../../hooks/useStats";
import { bucketLabel, localStamp, shiftStamp } from "../../lib/dates";
import { METRIC_INFO, type MetricName } from "../../lib/metrics";
import { comparisonShift } from "../../lib/periods";
import { type ChartSeries, chartSeries, type Point } from "../../lib/series";
import { ChartTooltip, type Hover } from "./ChartTooltip";
import { plotData, plotOptions } from "./plot";
import { readColours } from "./plotLabels";

interface SeriesChartProps {
  readonly data: ChartData;
  readonly metric: MetricName;
  readonly title: string;
  readonly timezone: string;
  readonly finalUntil: number | null;
  readonly theme: "light" | "dark";
}

/** One metric over the period, over that of the period before; a table for those who cannot see. */
export function SeriesChart({ data, metric, title, timezone, finalUntil, theme }: SeriesChartProps) {
  const series = useMemo(
    () => makeSeries(data, metric, timezone, finalUntil),
    [data, metric, timezone, finalUntil],
  );
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [hover, setHover] = useState<Hover | null>(null);
  const { interval } = data;

  // The plot is made anew when its look changes, and only fed when its numbers do.
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const options = plotOptions({
      width: element.clientWidth,
      height: element.clientHeight,
      metric,
      time: { stamps: series.stamps, interval },
      colours: readColours(element),
      onHover: setHover,
    });
    const made = new uPlot(options, plotData(series), element);
    plot.current = made;
    const observer = new ResizeObserver(() => {
      made.setSize({ width: element.clientWidth, height: element.clientHeight });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
      setHover(null);
    };
    // `series` itself is fed below; here only what shapes the axes matters.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [theme, metric, interval, series.stamps.join()]);

  useEffect(() => {
    plot.current?.setData(plotData(series));
  }, [series]);

  return (
    <div className="chart-box">
      <div ref={box} className="chart" aria-hidden="true" />
      {hover && <ChartTooltip hover={hover} series={series} metric={metric} interval={interval} />}
      <SeriesTable series={series} metric={metric} title={title} data={data} />
    </div>
  );
}

function makeSeries(
  { period, interval, current, previous, askedAt }: ChartData,
  metric: MetricName,
  timezone: string,
  finalUntil: number | null,
): ChartSeries {
  return chartSeries(points(current, metric), points(previous, metric), interval, {
    until: localStamp(Math.min(finalUntil ?? askedAt, askedAt), timezone),
    now: localStamp(askedAt, timezone),
    shifted: (stamp) => shiftStamp(stamp, comparisonShift(period)),
  });
}

function points(buckets: readonly TimeseriesBucket[], metric: MetricName): Point[] {
  return buckets.map((bucket) => {
    const value = bucket[metric];
    return { stamp: bucket.date, value: typeof value === "number" ? value : null };
  });
}

interface SeriesTableProps {
  readonly series: ChartSeries;
  readonly metric: MetricName;
  readonly title: string;
  readonly data: ChartData;
}

function SeriesTable({ series, metric, title, data }: SeriesTableProps) {
  const { format } = METRIC_INFO[metric];
  return (
    <div className="visually-hidden">
      <table>
        <caption>{title}, as a table</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">{title}</th>
          </tr>
        </thead>
        <tbody>
          {series.stamps.map((stamp, index) => (
            <tr key={stamp}>
              <th scope="row">{bucketLabel(stamp, data.interval)}</th>
              <td>{format(series.final[index] ?? series.provisional[index] ?? null)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
