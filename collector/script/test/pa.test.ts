import assert from "node:assert/strict";
import { test } from "node:test";
import { bundleAll } from "../bundle.ts";
import { element, FakeWindow, link } from "./fakes.ts";

const built = (await bundleAll())["pa.js"]!;
const SRC = "https://stats.example.net/js/pa-Ab_9-z.js";
/** What pages carry beside the script's tag, as documented by Plausible. */
const SNIPPET =
  "window.plausible=window.plausible||function(){(plausible.q=plausible.q||[]).push(arguments)};" +
  "plausible.init=plausible.init||function(i){plausible.o=i||{}};";

type Call = (...args: unknown[]) => void;
type Plausible = Call & { init: Call; l?: boolean };
const plausible = (page: FakeWindow) => (page as unknown as { plausible: Plausible }).plausible;

/** A page with the snippet, `before` run in it, then the script. */
function open(before = "plausible.init()", url = "https://www.example.com/", page = new FakeWindow(url)) {
  return page.run(SNIPPET + before).run(built, {}, SRC);
}
const given = (options: object, url?: string) => open(`plausible.init(${JSON.stringify(options)})`, url);

test("the snippet as it is: one pageview, for the page's host, to the script's host", () => {
  const page = open();
  assert.deepEqual(page.names, ["pageview"]);
  assert.equal(page.events[0]?.["d"], "example.com");
  assert.equal(page.requests[0]?.url, "https://stats.example.net/api/event");
  assert.equal(plausible(page).l, true);
});

test("nothing is sent before init; calls until then wait for it", () => {
  const page = open("plausible('early', {props: {a: 1}})");
  plausible(page)("waiting");
  assert.equal(page.requests.length, 0);
  plausible(page).init({ domain: "shop.example" });
  plausible(page)("late");
  assert.deepEqual(page.names, ["pageview", "early", "waiting", "late"]);
  assert.deepEqual(page.events[1]?.["p"], { a: 1 });
  assert.deepEqual(new Set(page.events.map((event) => event["d"])), new Set(["shop.example"]));
});

test("without the snippet the script brings its function and waits for init", () => {
  const page = new FakeWindow("https://example.com/").run(built, {}, SRC);
  plausible(page)("early");
  assert.equal(page.requests.length, 0);
  plausible(page).init(null);
  assert.deepEqual(page.names, ["pageview", "early"]);
});

test("a second init changes nothing and says so, unless it is to be silent", () => {
  const page = open();
  plausible(page).init({ domain: "other.example" });
  plausible(page).init({ logging: false });
  plausible(page)("a");
  assert.deepEqual(page.names, ["pageview", "a"]);
  assert.equal(page.events[1]?.["d"], "example.com");
  assert.deepEqual(page.warnings, ["pawprint twice"]);
});

test("options: endpoint, hash, manual", () => {
  assert.equal(given({ endpoint: "https://proxy.example/e" }).requests[0]?.url, "https://proxy.example/e");
  const hashed = given({ hashBasedRouting: true }, "https://example.com/#/a");
  hashed.go("#/b");
  hashed.emit("popstate");
  assert.deepEqual(hashed.events.map((event) => [event["u"], event["h"]]), [
    ["https://example.com/#/a", 1],
    ["https://example.com/#/b", 1],
  ]);
  const manual = given({ autoCapturePageviews: false });
  assert.equal(manual.requests.length, 0);
  plausible(manual)("pageview", { url: "https://example.com/named" });
  assert.equal(manual.events[0]?.["u"], "https://example.com/named");
});

test("options: a local page is counted on request; logging tells of one that is not", () => {
  const url = "http://localhost:3000/";
  assert.deepEqual(given({}, url).warnings, ["pawprint off"]);
  assert.deepEqual(given({ logging: false }, url).warnings, []);
  assert.equal(given({}, url).requests.length, 0);
  assert.deepEqual(given({ captureOnLocalhost: true }, url).names, ["pageview"]);
});

const doAll = (page: FakeWindow) => {
  page.emit("click", { target: link("https://other.example/") });
  page.emit("click", { target: link("https://example.com/a.pdf") });
  page.emit("submit", { target: element("FORM") });
  return page.names.slice(1);
};

test("options: links, downloads and forms are on until they are turned off, each by itself", () => {
  const [away, file, form] = ["Outbound Link: Click", "File Download", "Form: Submission"];
  const url = "https://example.com/";
  assert.deepEqual(doAll(given({}, url)), [away, file, form]);
  assert.deepEqual(doAll(given({ outboundLinks: false }, url)), [file, form]);
  assert.deepEqual(doAll(given({ fileDownloads: false }, url)), [away, form]);
  assert.deepEqual(doAll(given({ fileDownloads: { fileExtensions: [] } }, url)), [away, form]);
  assert.deepEqual(doAll(given({ formSubmissions: false }, url)), [away, file]);
});

test("what is off by itself can still be sent by hand", () => {
  const page = given({ outboundLinks: false });
  plausible(page)("Outbound Link: Click", { props: { url: "https://a.example/" } });
  assert.deepEqual(page.names, ["pageview", "Outbound Link: Click"]);
  assert.equal(doAll(page).includes("File Download"), true);
  assert.equal(page.names.filter((name) => name == "Outbound Link: Click").length, 1);
});

test("file types are those given, word for word; else those Plausible documents", () => {
  const files = (types: string[] | undefined, ...names: string[]) => {
    const page = given({ fileDownloads: types ? { fileExtensions: types } : true });
    for (const name of names) page.emit("click", { target: link(`https://www.example.com/x.${name}`) });
    return page.events.slice(1).map((event) => String((event["p"] as { url: string }).url).slice(26));
  };
  assert.deepEqual(files(["md", "c++", "."], "md", "c++", "pdf", "cc", "a"), ["md", "c++"]);
  const documented =
    "pdf xlsx docx txt rtf csv exe key pps ppt pptx 7z pkg rar gz zip avi mov mp4 mpeg wmv midi mp3 wav wma dmg";
  assert.deepEqual(files(undefined, ...documented.split(" "), "html"), documented.split(" "));
});

test("custom properties go with every event; the event's own come first", () => {
  const page = given({ customProperties: { author: "Ann", kind: "post" } });
  plausible(page)("a", { props: { kind: "own" } });
  page.emit("click", { target: link("https://other.example/") });
  assert.deepEqual(page.events.map((event) => event["p"]), [
    { author: "Ann", kind: "post" },
    { author: "Ann", kind: "own" },
    { author: "Ann", kind: "post", url: "https://other.example/" },
  ]);
});

test("custom properties may be a function of the event's name; anything else is none", () => {
  const page = open("plausible.init({customProperties: (name) => name == 'a' ? {n: name} : 'text'})");
  plausible(page)("a");
  assert.deepEqual(page.events.map((event) => event["p"]), [undefined, { n: "a" }]);
});

test("an engagement has the properties of the pageview it is about", () => {
  const page = open("let pages = 0; plausible.init({customProperties: () => ({page: ++pages})})");
  page.now = 5000;
  page.history.pushState(null, "", "/b");
  page.now = 9000;
  page.emit("pagehide");
  const reports = page.events.filter((event) => event["n"] == "engagement");
  assert.deepEqual(reports.map((event) => [event["u"], event["p"]]), [
    ["https://www.example.com/", { page: 1 }],
    ["https://www.example.com/b", { page: 2 }],
  ]);
});

test("transformRequest may change an event or drop it; what is no function is nothing", () => {
  const strip = "(event) => event.n == 'no' ? null : {...event, u: event.u.split('?')[0]}";
  const page = open(`plausible.init({transformRequest: ${strip}})`, "https://example.com/?secret=1");
  let answer: unknown = "none";
  plausible(page)("no", { callback: (result: unknown) => (answer = result) });
  assert.deepEqual(page.names, ["pageview"]);
  assert.equal(page.events[0]?.["u"], "https://example.com/");
  assert.equal(answer, undefined);
  assert.deepEqual(given({ transformRequest: "text" }).names, ["pageview"]);
});

test("callbacks get the status, or the error; options may be null", async () => {
  const page = given({ autoCapturePageviews: false });
  const failure = new Error("no connection");
  page.answers = [202, failure];
  const answers: unknown[] = [];
  const callback = (answer: { status?: number; error?: unknown }) => answers.push(answer.status ?? answer.error);
  plausible(page)("a", { callback });
  plausible(page)("b", { callback });
  plausible(page)("c", null);
  await page.pass(0);
  assert.deepEqual(page.names, ["a", "b", "c"]);
  assert.deepEqual(answers, [202, failure]);
});

test("beside our own script it stays away", () => {
  const page = new FakeWindow("https://example.com/");
  page.run("window.pawprint = Object.assign(() => {}, {on: 1})");
  assert.equal(open("plausible.init()", "", page).requests.length, 0);
  assert.deepEqual(page.warnings, ["pawprint twice"]);
});

test("what init has no option for can stand in the tag; init's own options come first", () => {
  const page = new FakeWindow("https://example.com/admin/x");
  const dataset = { exclude: "/admin/**", domain: "tag.example", api: "/p/e" };
  page.run(`${SNIPPET}plausible.init({domain: "init.example"})`).run(built, dataset, SRC);
  assert.equal(page.requests.length, 0);
  page.history.pushState(null, "", "/b");
  assert.equal(page.events[0]?.["d"], "init.example");
  assert.equal(page.requests[0]?.url, "/p/e");
});
