import assert from "node:assert/strict";
import { test } from "node:test";
import { type Pawprint, start } from "../src/pawprint.ts";
import { RETRY_DELAYS_MS, WAITING_MAX } from "../src/sender.ts";
import { FakeWindow, tag } from "./fakes.ts";

function open(page: FakeWindow, attributes: Record<string, string> = {}): Pawprint {
  const window = page.asWindow();
  start(window, tag(attributes));
  return window.pawprint as Pawprint;
}

test("a page load is one pageview, sent as a simple request without credentials", () => {
  const page = new FakeWindow("https://example.com/a?x=1", "https://www.google.com/");
  open(page);
  assert.equal(page.requests.length, 1);
  const [request] = page.requests;
  assert.equal(request?.url, "https://stats.example.net/api/event");
  assert.equal(request?.init.credentials, "omit");
  assert.equal(request?.init.keepalive, true);
  assert.deepEqual(request?.init.headers, { "content-type": "text/plain" });
  const { event_id, ...event } = page.events[0] ?? {};
  assert.deepEqual(event, {
    n: "pageview",
    u: "https://example.com/a?x=1",
    d: "example.com",
    r: "https://www.google.com/",
  });
  assert.match(String(event_id), /^[0-9a-z-]{10,64}$/);
});

test("the tag's attributes name domain and collector", () => {
  const page = new FakeWindow("https://shop.example.com/");
  open(page, { "data-domain": "example.com", "data-api": "https://proxy.example/e" });
  assert.equal(page.events[0]?.d, "example.com");
  assert.equal(page.requests[0]?.url, "https://proxy.example/e");
});

test("custom events carry props, and interactive only when it is false", () => {
  const page = new FakeWindow("https://example.com/");
  const pawprint = open(page);
  pawprint("signup", { props: { plan: "pro" }, interactive: false });
  pawprint("play");
  assert.deepEqual(page.events[1]?.p, { plan: "pro" });
  assert.equal(page.events[1]?.i, false);
  assert.equal("i" in (page.events[2] ?? {}), false);
  const ids = new Set(page.events.map((event) => event.event_id));
  assert.equal(ids.size, 3);
});

test("calls made before the script came are sent after the pageview", () => {
  const page = new FakeWindow("https://example.com/");
  page.pawprint = { q: [["early", { props: { a: 1 } }]] };
  open(page);
  assert.deepEqual(page.events.map((event) => event.n), ["pageview", "early"]);
});

test("a new path by pushState, replaceState or popstate is a pageview; the same path is not", () => {
  const page = new FakeWindow("https://example.com/");
  open(page);
  page.history.pushState(null, "", "/b");
  page.history.pushState(null, "", "/b?sort=up");
  page.history.replaceState(null, "", "/c");
  page.go("/b");
  page.emit("popstate");
  const paths = page.events.map((event) => new URL(String(event.u)).pathname);
  assert.deepEqual(paths, ["/", "/b", "/c", "/b"]);
});

test("a page from the back-forward cache is seen again", () => {
  const page = new FakeWindow("https://example.com/");
  open(page);
  page.emit("pageshow", { persisted: false });
  page.emit("pageshow", { persisted: true });
  assert.equal(page.requests.length, 2);
});

test("a page loaded ahead counts when it is shown, once", () => {
  const page = new FakeWindow("https://example.com/");
  page.document.visibilityState = "hidden";
  open(page);
  assert.equal(page.requests.length, 0);
  page.document.emit("visibilitychange");
  assert.equal(page.requests.length, 0);
  page.document.visibilityState = "visible";
  page.document.emit("visibilitychange");
  page.document.emit("visibilitychange");
  assert.equal(page.requests.length, 1);
});

for (const url of ["http://localhost:3000/", "http://127.0.0.1/", "http://[::1]/", "file:///a"]) {
  test(`${url} is not counted, and the console says why`, () => {
    const page = new FakeWindow(url);
    open(page)("click");
    assert.equal(page.requests.length, 0);
    assert.match(page.warnings[0] ?? "", /data-allow-local/);
  });
}

test("data-allow-local counts a local page", () => {
  const page = new FakeWindow("http://localhost:3000/");
  open(page, { "data-allow-local": "" });
  assert.equal(page.requests.length, 1);
  assert.deepEqual(page.warnings, []);
});

for (const [name, answer] of [["503", 503], ["429", 429], ["no connection", new Error()]] as const) {
  test(`after ${name} the same event is sent again with the same id`, async () => {
    const page = new FakeWindow("https://example.com/");
    page.answers = [answer];
    open(page);
    await page.pass(999);
    assert.equal(page.requests.length, 1);
    await page.pass(501);
    assert.equal(page.requests.length, 2);
    assert.equal(page.requests[0]?.body, page.requests[1]?.body);
    await page.pass(1_000_000);
    assert.equal(page.requests.length, 2);
  });
}

test("a refused event is not sent again", async () => {
  const page = new FakeWindow("https://example.com/");
  page.answers = [400];
  open(page);
  await page.pass(1_000_000);
  assert.equal(page.requests.length, 1);
});

test("an event is given up after the last wait", async () => {
  const page = new FakeWindow("https://example.com/");
  page.answers = Array<number>(20).fill(503);
  open(page);
  for (let i = 0; i < 10; i++) await page.pass(1_000_000);
  assert.equal(page.requests.length, 1 + RETRY_DELAYS_MS.length);
  assert.equal(page.timers.size, 0);
});

test("what still waits when the page goes is handed to the browser, once", async () => {
  const page = new FakeWindow("https://example.com/");
  page.answers = [503];
  open(page);
  await page.pass(0);
  page.emit("pagehide");
  await page.pass(1_000_000);
  assert.deepEqual(page.beacons.map((beacon) => beacon.body), [page.requests[0]?.body]);
  assert.equal(page.requests.length, 1);
});

test("no more than WAITING_MAX events wait", async () => {
  const page = new FakeWindow("https://example.com/");
  page.answers = Array<number>(WAITING_MAX + 11).fill(503);
  const pawprint = open(page);
  for (let i = 0; i < WAITING_MAX + 10; i++) pawprint("click");
  await page.pass(0);
  assert.equal(page.timers.size, WAITING_MAX);
});
