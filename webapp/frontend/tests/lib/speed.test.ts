import { expect, test } from "vitest";

import { formatMillis, formatScore } from "../../src/lib/format";
import { isSpeedKnownBy, lengthOf, ratingOf } from "../../src/lib/speed";

test.each([
  [2_500, "good"],
  [2_501, "fair"],
  [3_999, "fair"],
  [4_000, "poor"],
] as const)("an LCP of %s ms is %s", (value, rating) => {
  expect(ratingOf("lcp", value)).toBe(rating);
});

test("poor begins at three quarters of the bar, and no bar is longer than its row", () => {
  expect(lengthOf("cls", 0.25)).toBe(75);
  expect(lengthOf("cls", 9)).toBe(100);
});

test("timings are not known by what only a visit or another event has", () => {
  expect(isSpeedKnownBy("event:page")).toBe(true);
  expect(isSpeedKnownBy("visit:entry_page")).toBe(false);
  expect(isSpeedKnownBy("event:name")).toBe(false);
});

test("times are short", () => {
  expect([formatMillis(84.4), formatMillis(999), formatMillis(2_430), formatScore(0.0834)]).toEqual([
    "84 ms",
    "999 ms",
    "2.4 s",
    "0.08",
  ]);
});
