import { expect, test } from "vitest";

import { resultKey, valueIcon, valueLabel } from "../../src/lib/dimensions";
import { summariseLedger } from "../../src/lib/ledger";
import { changeOf, verdict } from "../../src/lib/metrics";
import { countryName, flag } from "../../src/lib/places";
import { nextTheme, readTheme, resolveTheme } from "../../src/lib/theme";

test("countries have names and flags, anything else stays as it is", () => {
  expect([countryName("DE"), flag("DE")]).toEqual(["Germany", "🇩🇪"]);
  expect([countryName("zz9"), flag("zz9")]).toEqual(["zz9", ""]);
  expect([valueLabel("visit:country", ""), valueIcon("visit:country", "")]).toEqual(["Unknown", ""]);
});

test("blanks are words", () => {
  expect(valueLabel("visit:source", "")).toBe("Direct / None");
  expect(resultKey("visit:entry_page")).toBe("entry_page");
});

test.each([
  ["visitors", 14, "better"],
  ["visitors", -14, "worse"],
  ["bounce_rate", -3, "better"],
  ["bounce_rate", 3, "worse"],
  ["visits", 0.4, "same"],
] as const)("%s by %s%% is %s", (metric, change, expected) => {
  expect(verdict(metric, change)).toBe(expected);
});

test("a change is in percent, of a bounce rate in points, from nothing there is none", () => {
  expect(changeOf("visitors", 114, 100)).toBe(14);
  expect(changeOf("bounce_rate", 44, 41)).toBe(3);
  expect([changeOf("visits", 5, 0), changeOf("visits", null, 5)]).toEqual([null, null]);
});

test("the ledger adds up, or says that it does not", () => {
  const summary = summariseLedger({ accepted: 10, counted: 7, left_out: { bot: 1, too_strange: 2, duplicate: 0 } });
  expect(summary.reasons).toEqual([
    { label: "too strange", count: 2 },
    { label: "crawlers and other programs", count: 1 },
  ]);
  expect([summary.leftOut, summary.balanced]).toEqual([3, true]);
  expect(summariseLedger({ accepted: 10, counted: 7, left_out: {} }).balanced).toBe(false);
});

test("the theme goes round, and nonsense is auto", () => {
  expect(["auto", "light", "dark"].map((theme) => nextTheme(readTheme(theme)))).toEqual(["light", "dark", "auto"]);
  expect(readTheme("mauve")).toBe("auto");
  expect([resolveTheme("auto", true), resolveTheme("light", true)]).toEqual(["dark", "light"]);
});
