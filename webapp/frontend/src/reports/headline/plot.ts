/** How the series are drawn: the options of uPlot, from the page's own colours. */

import type uPlot from "uplot";

import { METRIC_INFO, type MetricName } from "../../lib/metrics";
import { axisTop, type ChartSeries, gridValues } from "../../lib/series";
import type { Hover } from "./ChartTooltip";
import { type Colours, drawGridLabels, drawTimeLabels, type TimeLabels } from "./plotLabels";

const TIME_AXIS_PX = 30;
const TOP_PX = 18; // the highest grid line's label stands above it

interface PlotSetting {
  readonly width: number;
  readonly height: number;
  readonly metric: MetricName;
  readonly time: TimeLabels;
  readonly colours: Colours;
  readonly onHover: (hover: Hover | null) => void;
}

/** Columns as uPlot takes them: position, area, comparison, final, provisional. */
export function plotData({ stamps, previous, final, provisional }: ChartSeries): uPlot.AlignedData {
  const area = stamps.map((_, index) => final[index] ?? provisional[index] ?? null);
  return [stamps.map((_, index) => index), area, [...previous], [...final], [...provisional]];
}

export function plotOptions(setting: PlotSetting): uPlot.Options {
  const { width, height, metric, time, colours, onHover } = setting;
  const count = time.stamps.length;
  // A lone point has no line to be seen by.
  const points = { show: count === 1 };
  const area = `color-mix(in srgb, ${colours.wash} 65%, transparent)`;
  const line = { stroke: colours.data, width: 2.2, points };
  return {
    width,
    height,
    legend: { show: false },
    padding: [TOP_PX, 1, 0, 1],
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 9, width: 2 } },
    scales: {
      x: { time: false, range: () => (count === 1 ? [-1, 1] : [0, count - 1]) },
      y: { range: (_, __, max) => [0, yTop(metric, max)] },
    },
    axes: [
      { size: TIME_AXIS_PX, values: () => [], grid: { show: false }, ticks: { show: false } },
      {
        size: 0,
        splits: gridLines,
        values: () => [],
        grid: { stroke: colours.line, width: 1 },
        ticks: { show: false },
      },
    ],
    // Drawn in this order: the comparison lies over the area, but under the line.
    series: [
      {},
      { fill: area, width: 0, points: { show: false } },
      { stroke: colours.previous, width: 1.5, points },
      line,
      { ...line, dash: [4, 4] },
    ],
    hooks: {
      draw: [
        (plot) => {
          drawGridLabels(plot, gridLines(plot), METRIC_INFO[metric].format, colours);
          drawTimeLabels(plot, time, colours);
        },
      ],
      setCursor: [
        ({ cursor: { idx, left } }) => {
          const over = idx !== null && idx !== undefined && left !== undefined && left >= 0;
          onHover(over ? { index: idx, left } : null);
        },
      ],
    },
  };
}

function yTop(metric: MetricName, max: number | null): number {
  const { axisMax, axisLeast, isWhole } = METRIC_INFO[metric];
  const top = axisTop([max], axisLeast, isWhole);
  return axisMax === null ? top : Math.min(axisMax, top);
}

function gridLines(plot: uPlot): number[] {
  return gridValues(plot.scales.y?.max ?? 0);
}
