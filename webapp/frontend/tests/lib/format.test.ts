import { describe, expect, test } from "vitest";

import {
  formatChange,
  formatCount,
  formatDuration,
  formatHeadline,
  formatPercent,
  formatRatio,
  formatShare,
  plural,
} from "../../src/lib/format";

test.each([
  [0, "0"],
  [999.6, "1,000"],
  [12847, "12,847"],
])("a count of %s is %s", (value, text) => {
  expect(formatCount(value)).toBe(text);
});

test.each([
  [null, "–"],
  [999_999, "999,999"],
  [1_234_567, "1.23M"],
])("a headline of %s is %s", (value, text) => {
  expect(formatHeadline(value)).toBe(text);
});

test.each([
  [null, "–"],
  [0, "0s"],
  [8.4, "8s"],
  [59.6, "1m 00s"],
  [168, "2m 48s"],
  [3599.7, "1h 00m"],
  [3725, "1h 02m"],
])("%s seconds are %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test.each([
  [14, "+14%"],
  [-3.2, "−3%"],
  [0.4, "0%"],
  [-0.4, "0%"],
  [999.4, "+999%"],
  [1234, ">999%"],
])("a change of %s is %s", (percent, text) => {
  expect(formatChange(percent)).toBe(text);
});

test.each([
  [0, 100, "0%"],
  [1, 1000, "<1%"],
  [5120, 12847, "40%"],
  [5, 0, "0%"],
  [7, 5, "100%"], // visitors of all pages are not those of one
])("%s of %s is %s", (part, total, text) => {
  expect(formatShare(part, total)).toBe(text);
});

describe("no visits", () => {
  test("have no rates", () => {
    expect([formatRatio(null), formatPercent(null)]).toEqual(["–", "–"]);
  });
});

test("rates are short", () => {
  expect([formatRatio(2.987), formatPercent(41.3)]).toEqual(["2.99", "41%"]);
});

test("one is no plural", () => {
  expect([plural(1, "visitor"), plural(1200, "visitor"), plural(0, "entry", "entries")]).toEqual([
    "1 visitor",
    "1,200 visitors",
    "0 entries",
  ]);
});
