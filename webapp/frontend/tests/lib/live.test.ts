import { describe, expect, test } from "vitest";

import type { Alert, LiveSnapshot } from "../../src/api/types";
import { INITIAL_LIVE, mergeAlerts, mergeLive, staleness } from "../../src/lib/live";

const SNAPSHOT: LiveSnapshot = {
  now: 1000,
  current: 3,
  last_30m: 9,
  minutes: [],
  pages: [],
  sources: [],
  countries: [],
  devices: [],
  final_until: 900,
  stale: { live: null, rollups: null },
};
const OPEN: Alert = {
  id: 1,
  opened_at: "2026-11-23T11:08:00Z",
  resolved_at: null,
  minute: 1_795_432_020,
  pageviews: 312,
  threshold: 100,
};
const OVER: Alert = { ...OPEN, resolved_at: "2026-11-23T11:20:00Z" };
const LATER: Alert = { ...OPEN, id: 2, opened_at: "2026-11-23T12:00:00Z" };

const heard = (snapshot: LiveSnapshot) =>
  mergeLive(INITIAL_LIVE, { kind: "snapshot", snapshot, at: 1001 });

test("each snapshot replaces the one before", () => {
  const state = mergeLive(heard(SNAPSHOT), {
    kind: "snapshot",
    snapshot: { ...SNAPSHOT, current: 4 },
    at: 1002,
  });
  expect([state.snapshot?.current, state.heardAt, state.connection]).toEqual([4, 1002, "open"]);
});

test("an alert that is over replaces itself while it was open", () => {
  expect(mergeAlerts([OVER], [OPEN, LATER])).toEqual([LATER, OVER]);
});

describe("what is stale", () => {
  test("nothing, at first and when all is well", () => {
    expect(staleness(INITIAL_LIVE)).toEqual([]);
    expect(staleness(heard(SNAPSHOT))).toEqual([]);
  });

  test("everything, since the last word, once the connection is lost", () => {
    const state = mergeLive(heard(SNAPSHOT), { kind: "lost" });
    expect(staleness(state)).toEqual([{ what: "connection", since: 1001 }]);
    expect(state.snapshot).not.toBeNull(); // the last number stays on show
  });

  test("what the server says", () => {
    const state = heard({ ...SNAPSHOT, stale: { live: 700, rollups: 800 } });
    expect(staleness(state)).toEqual([
      { what: "live", since: 700 },
      { what: "rollups", since: 800 },
    ]);
  });

  test("nothing again, with the next word", () => {
    const lost = mergeLive(heard(SNAPSHOT), { kind: "lost" });
    expect(staleness(mergeLive(lost, { kind: "snapshot", snapshot: SNAPSHOT, at: 2000 }))).toEqual([]);
  });
});
