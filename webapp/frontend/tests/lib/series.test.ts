import { describe, expect, test } from "vitest";

import { shiftStamp } from "../../src/lib/dates";
import { axisTicks, axisTop, chartSeries, gridValues, type Point } from "../../src/lib/series";

const points = (...entries: [string, number | null][]): Point[] =>
  entries.map(([stamp, value]) => ({ stamp, value }));

const dayBefore = (stamp: string) => shiftStamp(stamp, { days: -1 });

describe("final, still counting, still to come", () => {
  // hour      09    10    11    12          now 11:40, final until 11:00
  // value      4     6     2     0
  // final      4     6
  // dashed           6     2
  test("hours", () => {
    const current = points(
      ["2026-11-23 09:00:00", 4],
      ["2026-11-23 10:00:00", 6],
      ["2026-11-23 11:00:00", 2],
      ["2026-11-23 12:00:00", 0],
    );
    const series = chartSeries(current, [], "hour", {
      until: "2026-11-23 11:00:00",
      now: "2026-11-23 11:40:00",
      shifted: dayBefore,
    });
    expect(series.final).toEqual([4, 6, null, null]);
    expect(series.provisional).toEqual([null, 6, 2, null]);
    expect(series.openFrom).toBe(2);
  });

  test("a period that is over has nothing dashed", () => {
    const series = chartSeries(points(["2026-11-01", 4], ["2026-11-02", 6]), [], "date", {
      until: "2026-11-23 11:00:00",
      now: "2026-11-23 11:40:00",
      shifted: dayBefore,
    });
    expect(series.final).toEqual([4, 6]);
    expect(series.openFrom).toBe(2);
    expect(series.provisional).toEqual([null, 6]);
  });
});

describe("the comparison", () => {
  const at = { until: "2027-01-01 00:00:00", now: "2027-01-01 00:00:00" };

  test("is found by the calendar, so a lost hour shifts nothing", () => {
    const current = points(["2026-03-30 01:00:00", 1], ["2026-03-30 02:00:00", 2], ["2026-03-30 03:00:00", 3]);
    const before = points(["2026-03-29 01:00:00", 10], ["2026-03-29 03:00:00", 30]); // clocks went on
    const series = chartSeries(current, before, "hour", { ...at, shifted: dayBefore });
    expect(series.previous).toEqual([10, null, 30]);
    expect(series.previousStamps).toEqual(["2026-03-29 01:00:00", null, "2026-03-29 03:00:00"]);
  });

  test("of months is found by position", () => {
    const series = chartSeries(points(["2026-01-01", 1]), points(["2025-01-01", 9]), "month", {
      ...at,
      shifted: dayBefore,
    });
    expect(series.previous).toEqual([9]);
  });
});

describe("labels below the chart", () => {
  const hoursOf = (days: number) =>
    Array.from({ length: 24 * days }, (_, hour) =>
      new Date(Date.UTC(2026, 10, 17) + 3.6e6 * hour).toISOString().slice(0, 19).replace("T", " "),
    );

  test("a week of hours is named by its days, each in its middle", () => {
    const ticks = axisTicks(hoursOf(7), "hour", 10);
    expect(ticks.map(({ label }) => label).join()).toBe("Tue 17,Wed 18,Thu 19,Fri 20,Sat 21,Sun 22,Mon 23");
    expect(ticks[0]?.index).toBe(12);
  });

  test("are thinned from the end where there is no room", () => {
    expect(axisTicks(hoursOf(7), "hour", 4).map(({ label }) => label)).toEqual([
      "Tue 17",
      "Thu 19",
      "Sat 21",
      "Mon 23",
    ]);
    expect(axisTicks(hoursOf(1), "hour", 6).length).toBeLessThanOrEqual(6);
  });
});

test.each([
  [[190, 40], 3, true, 240],
  [[0, null], 3, true, 3],
  [[7], 3, true, 9],
  [[2.99], 1.5, false, 3],
  [[1_000_000], 3, true, 1_200_000],
] as const)("the axis over %j ends at a round number", (values, least, whole, top) => {
  expect(axisTop(values, least, whole)).toBe(top);
});

test("grid lines are at numbers that can be written", () => {
  expect(gridValues(240)).toEqual([0, 80, 160, 240]);
  expect(gridValues(100)).toEqual([0, 25, 50, 75, 100]);
  expect(gridValues(1.5)).toEqual([0, 0.5, 1, 1.5]);
});
