import assert from "node:assert/strict";
import { test } from "node:test";
import { bundleAll } from "../bundle.ts";
import { FakeWindow } from "./fakes.ts";

const built = (await bundleAll())["script.js"]!;

function open(dataset = {}): FakeWindow {
  return new FakeWindow("https://example.com/a").run(built, dataset);
}
function hide(page: FakeWindow, hidden = true): void {
  page.document.hidden = hidden;
  page.emit("visibilitychange");
}
const reports = (page: FakeWindow) => page.events.filter((event) => event["n"] == "engagement");

// seen 2 s | elsewhere 5 s | seen 1 s, left
test("time counts while the page is seen and has focus, and is sent when it is hidden", () => {
  const page = open();
  page.now += 2_000;
  hide(page);
  page.now += 5_000;
  hide(page, false);
  page.now += 1_000;
  page.emit("pagehide");
  assert.deepEqual(reports(page).map((event) => event["e"]), [2_000, 1_000]);
});

test("time without focus does not count", () => {
  const page = open();
  page.now += 1_000;
  page.document.isFocused = false;
  page.emit("blur");
  page.now += 60_000;
  page.document.isFocused = true;
  page.emit("focus");
  page.now += 500;
  page.emit("pagehide");
  assert.equal(reports(page)[0]?.["e"], 1_500);
});

test("the deepest scroll is sent in percent, at most 100", () => {
  const page = open();
  page.scrollY = 400;
  page.emit("scroll");
  page.scrollY = 0;
  page.emit("scroll");
  page.now += 200;
  hide(page);
  page.scrollY = 9_000;
  page.emit("scroll");
  hide(page, false);
  page.now += 200;
  hide(page);
  assert.deepEqual(reports(page).map((event) => event["sd"]), [75, 100]);
});

test("a new page reports on the one before, under its address, and starts at nothing", () => {
  const page = open();
  page.now += 1_000;
  page.history.pushState(null, "", "/b");
  page.now += 300;
  page.emit("pagehide");
  assert.deepEqual(page.names, ["pageview", "engagement", "pageview", "engagement"]);
  assert.deepEqual(reports(page).map((event) => event["u"]), ["https://example.com/a", "https://example.com/b"]);
  assert.equal(reports(page)[1]?.["e"], 300);
});

test("nothing new is not worth a request, nor is a page that does not count", () => {
  const page = open();
  page.now += 50;
  hide(page);
  assert.equal(reports(page).length, 0);
  const excluded = open({ exclude: "/a" });
  excluded.now += 1_000;
  excluded.emit("pagehide");
  assert.equal(excluded.requests.length, 0);
});

test("leaving for an excluded page still reports on the one that counted", () => {
  const page = open({ exclude: "/b" });
  page.now += 1_000;
  page.history.pushState(null, "", "/b");
  page.now += 1_000;
  page.emit("pagehide");
  assert.deepEqual(page.names, ["pageview", "engagement"]);
});

const NAVIGATION = {
  name: "https://example.com/a", entryType: "navigation", startTime: 0, duration: 900,
  domainLookupStart: 10, domainLookupEnd: 30.4, connectStart: 30.4, connectEnd: 70,
  secureConnectionStart: 50, responseStart: 120, responseEnd: 180,
  domContentLoadedEventEnd: 400, domComplete: 700, loadEventEnd: 900, transferSize: 5_000,
};

test("vitals and load timings ride on the engagement, each once", () => {
  const page = open();
  page.observe([NAVIGATION, { name: "first-paint", entryType: "paint", startTime: 200 }]);
  page.observe([{ name: "first-contentful-paint", entryType: "paint", startTime: 210.4 }]);
  page.observe([{ name: "", entryType: "largest-contentful-paint", startTime: 300 }]);
  page.observe([{ name: "", entryType: "largest-contentful-paint", startTime: 350.6 }]);
  page.now += 1_000;
  hide(page);
  assert.deepEqual(reports(page)[0]?.["t"], {
    cls: 0, fcp: 210, lcp: 351, ttfb: 120, dns: 20, connect: 40, ssl: 20, download: 60,
    dom_content_loaded: 400, render: 520, page_load: 900, transfer_size: 5_000,
  });
  hide(page, false);
  page.observe([{ name: "", entryType: "largest-contentful-paint", startTime: 9_000 }]);
  page.now += 1_000;
  hide(page);
  assert.deepEqual(reports(page)[1]?.["t"], {});
});

test("what was not measured is not sent", () => {
  const page = open();
  page.observe([{ ...NAVIGATION, secureConnectionStart: 0, loadEventEnd: 0, transferSize: 0 }]);
  page.now += 1_000;
  hide(page);
  const timings = reports(page)[0]?.["t"] as object;
  for (const name of ["ssl", "page_load", "transfer_size", "inp"]) assert.ok(!(name in timings));
});

// shifts:  0.1 at 100, 0.2 at 600 | 0.25 at 3000 | 0.05 at 3500 after input
test("cls is the worst burst of shifts nobody asked for; inp the slowest interaction", () => {
  const page = open();
  const shift = (startTime: number, value: number, hadRecentInput = false) => ({
    name: "", entryType: "layout-shift", startTime, value, hadRecentInput,
  });
  page.observe([shift(100, 0.1), shift(600, 0.2), shift(3_000, 0.25), shift(3_500, 0.9, true)]);
  page.observe([{ name: "click", entryType: "event", interactionId: 7, duration: 48, startTime: 1 }]);
  page.observe([{ name: "click", entryType: "event", interactionId: 9, duration: 24, startTime: 1 }]);
  page.observe([{ name: "mouseover", entryType: "event", interactionId: 0, duration: 800, startTime: 1 }]);
  page.now += 1_000;
  hide(page);
  const { cls, inp } = reports(page)[0]?.["t"] as Record<string, number>;
  assert.equal(cls?.toFixed(3), "0.300");
  assert.equal(inp, 48);
});

test("a page loaded where nobody looked has no load times", () => {
  const page = new FakeWindow("https://example.com/a");
  page.document.hidden = true;
  page.run(built);
  hide(page, false);
  page.observe([NAVIGATION]);
  page.now += 1_000;
  hide(page);
  assert.deepEqual(reports(page)[0]?.["t"], { cls: 0 });
});
