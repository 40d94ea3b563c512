/** The words on the chart's canvas: numbers on the grid lines, times below. */

import uPlot from "uplot";

import type { Interval } from "../../lib/dates";
import { axisTicks } from "../../lib/series";

export interface Colours {
  readonly data: string;
  readonly wash: string;
  readonly previous: string;
  readonly line: string;
  readonly label: string;
  readonly surface: string;
  readonly fontFamily: string;
}

export interface TimeLabels {
  readonly stamps: readonly string[];
  readonly interval: Interval;
}

const LABEL_PX = 11.5;
const LABEL_ROOM_PX = 72; // of the time axis, for one label
const HALO_PX = 3;

export function readColours(element: Element): Colours {
  const style = getComputedStyle(element);
  const value = (name: string) => style.getPropertyValue(name).trim();
  return {
    data: value("--data"),
    wash: value("--data-wash"),
    previous: value("--data-2"),
    line: value("--line"),
    label: value("--ink-3"),
    surface: value("--surface"),
    fontFamily: style.fontFamily,
  };
}

/** Each number stands on its line, at the left, with a halo where the series runs behind it. */
export function drawGridLabels(
  plot: uPlot,
  values: readonly number[],
  format: (value: number) => string,
  colours: Colours,
): void {
  const context = prepare(plot, colours);
  context.textAlign = "left";
  context.textBaseline = "bottom";
  context.strokeStyle = colours.surface;
  context.lineWidth = HALO_PX * uPlot.pxRatio;
  context.lineJoin = "round";
  for (const value of values.slice(1)) {
    const y = plot.valToPos(value, "y", true) - 3 * uPlot.pxRatio;
    context.strokeText(format(value), plot.bbox.left, y);
    context.fillText(format(value), plot.bbox.left, y);
  }
  context.restore();
}

/** Centred below their place; the outermost are pushed in rather than cut off. */
export function drawTimeLabels(plot: uPlot, time: TimeLabels, colours: Colours): void {
  const context = prepare(plot, colours);
  context.textAlign = "left";
  context.textBaseline = "top";
  const { left, top, width, height } = plot.bbox;
  const room = Math.floor(width / uPlot.pxRatio / LABEL_ROOM_PX);
  for (const { index, label } of axisTicks(time.stamps, time.interval, room)) {
    const labelWidth = context.measureText(label).width;
    const centred = plot.valToPos(index, "x", true) - labelWidth / 2;
    const x = Math.max(left, Math.min(centred, left + width - labelWidth));
    context.fillText(label, x, top + height + 10 * uPlot.pxRatio);
  }
  context.restore();
}

function prepare(plot: uPlot, { label, fontFamily }: Colours): CanvasRenderingContext2D {
  const context = plot.ctx;
  context.save();
  context.font = `${String(LABEL_PX * uPlot.pxRatio)}px ${fontFamily}`;
  context.fillStyle = label;
  return context;
}
