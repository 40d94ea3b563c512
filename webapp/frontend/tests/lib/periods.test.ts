import { expect, test } from "vitest";

import {
  comparisonParams,
  comparisonSpan,
  customPeriod,
  intervalOf,
  periodLabel,
  periodParams,
} from "../../src/lib/periods";

const custom = (from: string, to: string) => {
  const period = customPeriod(from, to);
  if (!period) throw new Error("no period");
  return period;
};

test("the API is asked in its own words", () => {
  expect(periodParams({ kind: "7d" })).toEqual({ period: "7d" });
  expect(periodParams(custom("2026-11-01", "2026-11-03"))).toEqual({
    period: "custom",
    date: "2026-11-01,2026-11-03",
  });
});

test("steps fit the length", () => {
  expect(intervalOf({ kind: "24h" })).toBe("hour");
  expect(intervalOf({ kind: "7d" })).toBe("hour");
  expect(intervalOf({ kind: "30d" })).toBe("date");
  expect(intervalOf({ kind: "12mo" })).toBe("month");
  expect(intervalOf(custom("2026-11-01", "2026-11-02"))).toBe("hour");
  expect(intervalOf(custom("2026-01-01", "2026-12-31"))).toBe("date");
  expect(intervalOf(custom("2020-01-01", "2026-12-31"))).toBe("month");
});

// 24h:    [23rd 11:00 .. 24th 11:00)  is compared with  [22nd 11:00 .. 23rd 11:00)
// 7d:      17th .. 23rd               is compared with   10th .. 16th
// 12mo:    Dec 2025 .. Nov 2026       is compared with   Dec 2024 .. Nov 2025
test("the comparison lies just before the period", () => {
  const hours = ["2026-11-23 11:00:00", "2026-11-24 10:00:00"];
  expect(comparisonParams({ kind: "24h" }, hours)?.date).toBe(
    "2026-11-22T11:00:00,2026-11-23T11:00:00",
  );
  const week = ["2026-11-17 00:00:00", "2026-11-23 23:00:00"];
  expect(comparisonParams({ kind: "7d" }, week)?.date).toBe("2026-11-10,2026-11-16");
  const year = ["2025-12-01", "2026-11-01"];
  expect(comparisonParams({ kind: "12mo" }, year)?.date).toBe("2024-12-01,2025-11-30");
  const days = ["2026-11-01", "2026-11-03"];
  expect(comparisonParams(custom("2026-11-01", "2026-11-03"), days)?.date).toBe(
    "2026-10-29,2026-10-31",
  );
  expect(comparisonParams({ kind: "7d" }, [])).toBeNull();
});

test("periods have names", () => {
  expect(periodLabel(custom("2026-11-01", "2026-11-09"))).toBe("1 Nov – 9 Nov");
  expect(periodLabel(custom("2025-12-31", "2026-01-01"))).toBe("31 Dec 2025 – 1 Jan 2026");
  expect(comparisonSpan({ kind: "12mo" })).toBe("12 months");
  expect(comparisonSpan(custom("2026-11-01", "2026-11-01"))).toBe("day");
});
