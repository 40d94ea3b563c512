import assert from "node:assert/strict";
import { test } from "node:test";
import { bundleAll } from "../bundle.ts";
import { FakeWindow } from "./fakes.ts";

const RETRIES = 5;
const built = (await bundleAll())["script.js"]!;
const page202 = () => new FakeWindow("https://example.com/");

for (const [name, answer] of [["503", 503], ["429", 429], ["no connection", new Error()]] as const) {
  test(`after ${name} the same event is sent again with the same id`, async () => {
    const page = page202();
    page.answers = [answer];
    page.run(built);
    await page.pass(999);
    assert.equal(page.requests.length, 1);
    await page.pass(1_002);
    assert.equal(page.requests.length, 2);
    assert.equal(page.requests[0]?.body, page.requests[1]?.body);
    await page.pass(1_000_000);
    assert.equal(page.requests.length, 2);
  });
}

test("a refused event is not sent again", async () => {
  const page = page202();
  page.answers = [400];
  page.run(built);
  await page.pass(1_000_000);
  assert.equal(page.requests.length, 1);
});

test("an event is given up after the last wait", async () => {
  const page = page202();
  page.answers = Array<number>(20).fill(503);
  page.run(built);
  for (let i = 0; i < 10; i++) await page.pass(1_000_000);
  assert.equal(page.requests.length, 1 + RETRIES);
});

test("waits grow", async () => {
  const page = page202();
  page.answers = [503, 503];
  page.run(built);
  await page.pass(0);
  await page.pass(2_000);
  assert.equal(page.requests.length, 2);
  await page.pass(3_999);
  assert.equal(page.requests.length, 2);
  await page.pass(4_001);
  assert.equal(page.requests.length, 3);
});

test("offline nothing is tried until the browser is back", async () => {
  const page = page202();
  page.answers = [new Error()];
  page.navigator["onLine"] = false;
  page.run(built);
  await page.pass(1_000_000);
  assert.equal(page.requests.length, 1);
  page.navigator["onLine"] = true;
  page.emit("online");
  await page.pass(0);
  assert.equal(page.requests[1]?.body, page.requests[0]?.body);
});

test("what still waits when the page goes is tried at once", async () => {
  const page = page202();
  page.answers = [503];
  page.run(built, { off: "engagement" });
  await page.pass(0);
  page.emit("pagehide");
  await page.pass(0);
  assert.equal(page.requests.length, 2);
  await page.pass(1_000_000);
  assert.equal(page.requests.length, 2);
});

test("no more than 50 events wait", async () => {
  const page = page202();
  page.answers = Array<number>(61).fill(503);
  page.run(built);
  for (let i = 0; i < 60; i++) page.call("pawprint", "click");
  await page.pass(0);
  assert.equal(page.timers.length, 50);
});

test("a callback is called once, with the status, and also when the event is not counted", async () => {
  const page = page202();
  const seen: unknown[] = [];
  const callback = (answer?: { status?: number }) => seen.push(answer?.status);
  page.run(built).call("pawprint", "a", { callback });
  await page.pass(0);
  const local = new FakeWindow("http://localhost/").run(built);
  local.call("pawprint", "a", { callback });
  assert.deepEqual(seen, [202, undefined]);
});
