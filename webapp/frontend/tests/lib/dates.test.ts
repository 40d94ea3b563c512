import { expect, test } from "vitest";

import {
  bucketEnd,
  bucketLabel,
  clock,
  dayCount,
  isIsoDate,
  localStamp,
  moment,
  shiftStamp,
} from "../../src/lib/dates";

const NOON = Date.UTC(2026, 10, 23, 12, 0, 5) / 1000; // Mon 2026-11-23 12:00:05 UTC

test.each([
  ["UTC", "2026-11-23 12:00:05"],
  ["Europe/Berlin", "2026-11-23 13:00:05"],
  ["Asia/Kathmandu", "2026-11-23 17:45:05"],
  ["Pacific/Kiritimati", "2026-11-24 02:00:05"],
])("the wall clock of %s", (zone, stamp) => {
  expect(localStamp(NOON, zone)).toBe(stamp);
});

test("midnight is 00, not 24", () => {
  expect(clock(Date.UTC(2026, 0, 1) / 1000, "UTC")).toBe("00:00");
});

test("a time of another day says which", () => {
  expect(moment(NOON - 3600, NOON, "UTC")).toBe("11:00");
  expect(moment(NOON - 86_400, NOON, "UTC")).toBe("22 Nov, 12:00");
});

test("stamps move by days and months and keep their form", () => {
  expect(shiftStamp("2026-03-01", { days: -1 })).toBe("2026-02-28");
  expect(shiftStamp("2026-11-23 10:00:00", { days: -7 })).toBe("2026-11-16 10:00:00");
  expect(shiftStamp("2026-03-31", { months: -1 })).toBe("2026-02-28");
  expect(shiftStamp("2026-01-01", { months: -12 })).toBe("2025-01-01");
});

test("buckets end where the next begins", () => {
  expect(bucketEnd("2026-11-23 23:00:00", "hour")).toBe("2026-11-24 00:00:00");
  expect(bucketEnd("2026-11-30", "date")).toBe("2026-12-01");
  expect(bucketEnd("2026-12-01", "month")).toBe("2027-01-01");
});

test("buckets have names", () => {
  expect(bucketLabel("2026-11-23 10:00:00", "hour")).toBe("Mon 23 Nov, 10:00–11:00");
  expect(bucketLabel("2026-11-23", "date")).toBe("Mon 23 Nov");
  expect(bucketLabel("2026-11-01", "month")).toBe("November 2026");
});

test("days are counted with both ends", () => {
  expect(dayCount("2026-02-27", "2026-03-01")).toBe(3);
});

test.each(["2026-02-30", "2026-1-1", "", "2026-11-23T10:00", "abcd-ef-gh"])(
  "%j is no date",
  (text) => {
    expect(isIsoDate(text)).toBe(false);
  },
);
