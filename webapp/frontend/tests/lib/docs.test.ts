import { describe, expect, it } from "vitest";

import { chosenLanguage, matches, neighbour } from "../../src/lib/docs";

describe("finding", () => {
  it.each([
    ["", true],
    ["break", true],
    ["STATS breakdown", true],
    ["breakdown ledger", false],
  ])("%j", (wanted, found) => {
    expect(matches(wanted, "GET breakdown /api/v1/stats/breakdown")).toBe(found);
  });
});

describe("tabs", () => {
  it("remembers a language that is still there", () => {
    expect(chosenLanguage("python", ["curl", "python"])).toBe("python");
    expect(chosenLanguage("cobol", ["curl", "python"])).toBe("curl");
    expect(chosenLanguage(null, [])).toBe("");
  });

  it.each([
    [0, "ArrowRight", 1],
    [2, "ArrowRight", 0],
    [0, "ArrowLeft", 2],
    [1, "Home", 0],
    [0, "End", 2],
    [1, "x", 1],
  ])("from %d by %s to %d", (index, key, next) => {
    expect(neighbour(index, 3, key)).toBe(next);
  });
});
