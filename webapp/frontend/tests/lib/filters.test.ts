import { describe, expect, test } from "vitest";

import {
  addFilter,
  describeFilter,
  type Filter,
  readFilter,
  readFilters,
  searchFilter,
  toggleValue,
  writeFilter,
  writeFilters,
} from "../../src/lib/filters";

const DESKTOP: Filter = { dimension: "visit:device", operator: "is", values: ["Desktop"] };
const NASTY = ["", "*", "|", ";", "\\", "a|b", "*x*", "\\*", "x\\", "\\|", "ä/ü?&=%", "a==b"];

describe("the API's syntax", () => {
  test.each<[Filter, string]>([
    [DESKTOP, "visit:device==Desktop"],
    [{ dimension: "visit:country", operator: "is_not", values: ["DE", "AT"] }, "visit:country!=DE|AT"],
    [{ dimension: "event:page", operator: "contains", values: ["/blog"] }, "event:page==*/blog*"],
    [{ dimension: "event:page", operator: "is", values: ["/a;b|c*"] }, "event:page==/a\\;b\\|c\\*"],
  ])("%o is %s", (filter, text) => {
    expect(writeFilter(filter)).toBe(text);
    expect(readFilter(text)).toEqual(filter);
  });

  test("what is written is read again, whatever the values", () => {
    for (const operator of ["is", "is_not"] as const) {
      for (const a of NASTY) {
        for (const b of NASTY) {
          const filter: Filter = { dimension: "event:page", operator, values: [a, b] };
          expect(readFilter(writeFilter(filter))).toEqual(filter);
        }
      }
    }
    for (const value of NASTY.filter((text) => text !== "")) {
      const filter: Filter = { dimension: "event:page", operator: "contains", values: [value] };
      expect(readFilter(writeFilter(filter))).toEqual(filter);
    }
  });

  test.each(["", "visit:device", "visit:shoe==42", "device==Desktop", "visit:device=Desktop"])(
    "%j is no filter",
    (text) => {
      expect(readFilter(text)).toBeNull();
    },
  );

  test("several hold at once", () => {
    expect(writeFilters([DESKTOP, { ...DESKTOP, dimension: "visit:os" }])).toBe(
      "visit:device==Desktop;visit:os==Desktop",
    );
  });
});

test("an address may not bring a filter twice, nor more than the API takes", () => {
  const many = Array.from({ length: 30 }, (_, index) => `event:page==/${String(index)}`);
  expect(readFilters(["visit:device==Desktop", "nonsense", "visit:device==Desktop"])).toEqual([DESKTOP]);
  expect(readFilters(many)).toHaveLength(20);
});

test("a click filters, a second click lets go, another value takes its place", () => {
  const once = toggleValue([], "visit:device", "Desktop");
  expect(once).toEqual([DESKTOP]);
  expect(toggleValue(once, "visit:device", "Desktop")).toEqual([]);
  expect(toggleValue(once, "visit:device", "Mobile")).toEqual([{ ...DESKTOP, values: ["Mobile"] }]);
});

test("filters of one dimension with different operators live side by side", () => {
  const contains: Filter = { dimension: "event:page", operator: "contains", values: ["/blog"] };
  const isNot: Filter = { dimension: "event:page", operator: "is_not", values: ["/blog/old"] };
  expect(addFilter([contains], isNot)).toEqual([contains, isNot]);
});

test("a filter reads as a sentence", () => {
  expect(describeFilter({ dimension: "visit:country", operator: "is_not", values: ["DE", ""] })).toEqual([
    "Country",
    "is not",
    "Germany or Unknown",
  ]);
});

test("countries are searched by name, the rest by the server", () => {
  const kingdom = searchFilter("visit:country", "united k");
  expect(kingdom?.operator).toBe("is");
  expect(kingdom?.values).toContain("GB");
  expect(kingdom?.values).not.toContain("US");
  const almostAll = searchFilter("visit:country", "a"); // too many values for one filter
  expect(almostAll?.operator).toBe("is_not");
  expect(almostAll?.values).toContain("CY");
  expect(almostAll?.values).not.toContain("GA");
  expect(almostAll?.values.length).toBeLessThanOrEqual(200);
  expect(searchFilter("visit:country", "Atlantis")).toBeNull();
  expect(searchFilter("event:page", "blog")?.operator).toBe("contains");
});
