import assert from "node:assert/strict";
import { test } from "node:test";
import { bundleAll } from "../bundle.ts";
import { FakeWindow, link } from "./fakes.ts";

const built = (await bundleAll())["legacy.js"]!;
const SRC = "https://stats.example.net/js/script.file-downloads.pageview-props.js";

function open(others: Record<string, string>, dataset: Record<string, unknown> = {}, before = "") {
  return new FakeWindow("https://www.example.com/a?x=1").run(before).run(built, dataset, SRC, others);
}

test("it starts by itself, with the tag's domain and the calls that waited", () => {
  const stub = "window.plausible = function() { (plausible.q = plausible.q || []).push(arguments) };";
  const page = open({}, { domain: "example.com" }, `${stub} plausible("early", {props: {a: "b"}})`);
  page.call("plausible", "later");
  assert.deepEqual(page.names, ["pageview", "early", "later"]);
  assert.deepEqual(page.events[1]?.["p"], { a: "b" });
  assert.equal(page.events[0]?.["d"], "example.com");
  assert.equal(page.requests[0]?.url, "https://stats.example.net/api/event");
});

test("without any of the attributes it does what the others do", () => {
  const page = open({ src: SRC, defer: "" }, { exclude: "/b" });
  page.history.pushState(null, "", "/b");
  assert.deepEqual(page.names, ["pageview"]);
  assert.deepEqual(page.events[0]?.["p"], {});
  assert.deepEqual(open({}, { manual: "" }).names, []);
});

test("event- attributes are properties of every event; the event's own come first", () => {
  const page = open({ "event-author": "Ann", "event-logged_in": "no" });
  page.call("plausible", "a", { props: { author: "Bob" } });
  assert.deepEqual(page.events.map((event) => event["p"]), [
    { author: "Ann", logged_in: "no" },
    { author: "Bob", logged_in: "no" },
  ]);
});

test("file-types are the downloads; add-file-types are more of them", () => {
  const count = (others: Record<string, string>) => {
    const page = open(others);
    for (const name of ["a.pdf", "b.md", "c.epub"]) {
      page.emit("click", { target: link(`https://www.example.com/${name}`) });
    }
    return page.events.slice(1).map((event) => String((event["p"] as { url: string }).url).slice(24));
  };
  assert.deepEqual(count({}), ["a.pdf"]);
  assert.deepEqual(count({ "file-types": "md, epub" }), ["b.md", "c.epub"]);
  assert.deepEqual(count({ "add-file-types": "md" }), ["a.pdf", "b.md"]);
});

test("data-before-send works as in our own script", () => {
  const hook = "window.strip = (event) => ({...event, u: event.u.split('?')[0]})";
  const page = open({}, { beforeSend: "strip" }, hook);
  assert.equal(page.events[0]?.["u"], "https://www.example.com/a");
  const broken = open({}, { beforeSend: "nowhere" });
  assert.equal(broken.requests.length, 0);
  assert.equal(broken.warnings.length, 1);
});
