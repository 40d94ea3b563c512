import { describe, expect, test } from "vitest";

import {
  type DashboardState,
  DEFAULT_STATE,
  linkParams,
  readState,
  writeState,
} from "../../src/lib/urlState";

const EVERYTHING: DashboardState = {
  period: { kind: "custom", from: "2026-11-01", to: "2026-11-20" },
  compare: false,
  metric: "bounce_rate",
  filters: [
    { dimension: "event:page", operator: "contains", values: ["/a&b=c#d"] },
    { dimension: "visit:country", operator: "is_not", values: ["DE", "AT"] },
  ],
  tabs: { sources: "campaigns", pages: "exit", places: "countries", devices: "size" },
};

test("the default is an empty address", () => {
  expect(writeState(DEFAULT_STATE)).toBe("");
  expect(readState("")).toEqual(DEFAULT_STATE);
});

test("what is written is read again", () => {
  expect(readState(writeState(EVERYTHING))).toEqual(EVERYTHING);
});

test("an address can be read by people", () => {
  expect(
    writeState({
      ...DEFAULT_STATE,
      period: { kind: "30d" },
      filters: [{ dimension: "event:page", operator: "is", values: ["/blog/"] }],
    }),
  ).toBe("?period=30d&filter=event:page==/blog/");
});

test("a shared link's own part of the address stays", () => {
  const staying = linkParams("?auth=a-b_c&embed=true&theme=dark&period=9d&other=1");
  expect(writeState({ ...DEFAULT_STATE, compare: false }, staying)).toBe(
    "?auth=a-b_c&embed=true&theme=dark&compare=off",
  );
  expect(linkParams("?period=30d")).toEqual([]);
});

describe("nonsense becomes the default", () => {
  test.each([
    "?period=9d&metric=hats&pages=middle&compare=maybe&filter=%%%",
    "?from=2026-02-30&to=2026-03-01",
    "?from=2026-01-01",
    "?from=1000-01-01&to=2999-01-01",
  ])("%s", (search) => {
    expect(readState(search)).toEqual(DEFAULT_STATE);
  });
});

test("days given backwards are put in order", () => {
  expect(readState("?from=2026-11-20&to=2026-11-01").period).toEqual(EVERYTHING.period);
});
