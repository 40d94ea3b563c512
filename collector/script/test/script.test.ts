import assert from "node:assert/strict";
import { test } from "node:test";
import { bundleAll } from "../bundle.ts";
import { element, FakeWindow, link } from "./fakes.ts";

const built = (await bundleAll())["script.js"]!;

function open(page: FakeWindow, dataset: Record<string, unknown> = {}): FakeWindow {
  return page.run(built, dataset);
}
const at = (url = "https://example.com/", dataset = {}) => open(new FakeWindow(url), dataset);

test("a page load is one pageview, sent as a simple request without credentials", () => {
  const page = open(new FakeWindow("https://example.com/a?x=1", "https://www.google.com/"));
  assert.equal(page.requests.length, 1);
  const [request] = page.requests;
  assert.equal(request?.url, "https://stats.example.net/api/event");
  assert.equal(request?.init.credentials, "omit");
  assert.equal(request?.init.keepalive, true);
  assert.equal(request?.init.headers, undefined);
  const { event_id, ...event } = page.events[0]!;
  assert.deepEqual(event, {
    n: "pageview",
    u: "https://example.com/a?x=1",
    r: "https://www.google.com/",
    h: 0,
    w: 1280,
    v: 1,
  });
  assert.match(String(event_id), /^[0-9.e-]{20,64}$/);
});

test("the tag's attributes name domain and collector", () => {
  const page = at("https://shop.example.com/", {
    domain: "example.com",
    api: "https://proxy.example/e",
  });
  assert.equal(page.events[0]?.["d"], "example.com");
  assert.equal(page.requests[0]?.url, "https://proxy.example/e");
});

test("custom events carry props, revenue, and interactive; each has its own id", () => {
  const page = at();
  page.call("pawprint", "signup", { props: { plan: "pro" }, interactive: false });
  page.call("pawprint", "order", { revenue: { amount: 9.9, currency: "EUR" }, url: "https://x/y" });
  assert.deepEqual(page.events[1]?.["p"], { plan: "pro" });
  assert.equal(page.events[1]?.["i"], false);
  assert.equal("i" in page.events[2]!, false);
  assert.deepEqual(page.events[2]?.["$"], { amount: 9.9, currency: "EUR" });
  assert.equal(page.events[2]?.["u"], "https://x/y");
  assert.equal(new Set(page.events.map((event) => event["event_id"])).size, 3);
});

test("calls made before the script came are sent after the pageview, Plausible's too", () => {
  const page = new FakeWindow("https://example.com/");
  Object.assign(page, { pawprint: { q: [["early"]] }, plausible: { q: [["older"]] } });
  open(page).call("plausible", "later");
  assert.deepEqual(page.names, ["pageview", "early", "older", "later"]);
});

test("a second script does nothing and says so", () => {
  const page = open(at());
  assert.equal(page.requests.length, 1);
  assert.deepEqual(page.warnings, ["pawprint twice"]);
});

test("a new path by pushState, replaceState or popstate is a pageview; the same path is not", () => {
  const page = at();
  page.history.pushState(null, "", "/b");
  page.history.pushState(null, "", "/b?sort=up#top");
  page.history.replaceState(null, "", "/c");
  page.go("/b");
  page.emit("popstate");
  const paths = page.events.map((event) => new URL(String(event["u"])).pathname);
  assert.deepEqual(paths, ["/", "/b", "/c", "/b"]);
});

test("in hash mode another fragment is another page", () => {
  const page = at("https://example.com/#/a", { hash: "" });
  page.go("#/b");
  page.emit("popstate");
  assert.deepEqual(page.names, ["pageview", "pageview"]);
  assert.equal(page.events[1]?.["h"], 1);
});

test("by hand: no pageview but the page's own", () => {
  const page = at("https://example.com/", { manual: "" });
  page.history.pushState(null, "", "/b");
  assert.equal(page.requests.length, 0);
  page.call("pawprint", "pageview", { u: "https://example.com/named" });
  assert.equal(page.events[0]?.["u"], "https://example.com/named");
});

test("a page from the back-forward cache is seen again", () => {
  const page = at();
  page.emit("pageshow", { persisted: false });
  page.emit("pageshow", { persisted: true });
  assert.equal(page.requests.length, 2);
});

test("a page loaded ahead or in a tab behind counts when it is shown, once", () => {
  const page = new FakeWindow("https://example.com/");
  page.document.hidden = true;
  open(page).emit("visibilitychange");
  assert.equal(page.requests.length, 0);
  page.document.hidden = false;
  page.emit("visibilitychange");
  page.emit("visibilitychange");
  assert.equal(page.requests.length, 1);
});

for (const url of ["http://localhost:3000/", "http://a.localhost/", "http://127.0.0.1/", "http://[::1]/", "file:///a"]) {
  test(`${url} is not counted, and the console says so`, () => {
    const page = at(url);
    page.call("pawprint", "click");
    assert.equal(page.requests.length, 0);
    assert.equal(page.warnings[0], "pawprint off");
    assert.equal(at(url, { local: "" }).requests.length, 1);
  });
}

for (const name of ["pawprint_ignore", "plausible_ignore"]) {
  test(`${name} in the browser's storage turns it off`, () => {
    const page = new FakeWindow("https://example.com/");
    page.localStorage = { [name]: "true" };
    assert.equal(open(page).requests.length, 0);
    page.localStorage = { [name]: "false" };
    assert.equal(open(new FakeWindow("https://example.com/")).requests.length, 1);
  });
}

test("a browser without storage is counted", () => {
  const page = new FakeWindow("https://example.com/");
  page.localStorage = undefined; // reading from it throws
  assert.equal(open(page).requests.length, 1);
});

for (const [pattern, path, isMatch] of [
  ["/admin", "/admin", true],
  ["/admin", "/admin/", true],
  ["/admin", "/admin/users", false],
  ["/admin/*", "/admin/users", true],
  ["/admin/*", "/admin/users/7", false],
  ["/admin/**", "/admin/users/7", true],
  ["/a, /b*", "/bc", true],
  ["/*/edit", "/post/edit", true],
  ["/*/edit", "/post/7/edit", false],
] as const) {
  test(`${pattern} ${isMatch ? "is" : "is not"} ${path}`, () => {
    const url = `https://example.com${path}`;
    assert.equal(at(url, { exclude: pattern }).requests.length, isMatch ? 0 : 1);
    assert.equal(at(url, { include: pattern }).requests.length, isMatch ? 1 : 0);
  });
}

test("off names events that are not sent; event names one sent with the page", () => {
  const page = at("https://example.com/gone", { off: "Outbound Link: Click", event: "404" });
  page.emit("click", { target: link("https://other.example/") });
  assert.deepEqual(page.names, ["pageview", "404"]);
  assert.equal(page.events[1]?.["i"], false);
});

test("beforeSend may change an event or drop it; one that is missing sends nothing", () => {
  const page = new FakeWindow("https://example.com/?secret=1");
  const strip = (event: Record<string, unknown>) =>
    event["n"] != "no" && { ...event, u: String(event["u"]).split("?")[0] };
  Object.assign(page, { strip });
  open(page, { beforeSend: "strip" }).call("pawprint", "no");
  assert.deepEqual(page.names, ["pageview"]);
  assert.equal(page.events[0]?.["u"], "https://example.com/");
  const broken = at("https://example.com/", { beforeSend: "nowhere" });
  assert.equal(broken.requests.length, 0);
  assert.equal(broken.warnings.length, 1);
});

test("what cannot be sent does not throw into the page", () => {
  const page = at();
  page.call("pawprint", "odd", { props: { big: 10n } });
  assert.equal(page.requests.length, 1);
  assert.equal(page.warnings.length, 1);
});

test("clicks: links away, downloads, tagged elements; not links within, not the right button", () => {
  const page = at();
  const click = (target: unknown, fields = {}) => page.emit("click", { target, ...fields });
  click(link("https://other.example/x?y=1"));
  click(link("https://example.com/a.PDF?token=1"));
  click(link("https://example.com/inside"));
  click(element("BUTTON", { classList: "btn pawprint-event-name=Sign+up pawprint-event-plan=pro" }));
  click(element("A", { classList: "plausible-event-name--Buy plausible-revenue-amount=9 plausible-revenue-currency=EUR", href: "" }));
  page.emit("auxclick", { target: link("https://other.example/"), button: 2 });
  page.emit("auxclick", { target: link("https://other.example/"), button: 1 });
  click(page.document);
  assert.deepEqual(
    page.events.slice(1).map((event) => [event["n"], event["p"]]),
    [
      ["Outbound Link: Click", { url: "https://other.example/x?y=1" }],
      ["File Download", { url: "https://example.com/a.PDF" }],
      ["Sign up", { plan: "pro" }],
      ["Buy", { url: "", amount: "9", currency: "EUR" }],
      ["Outbound Link: Click", { url: "https://other.example/" }],
    ],
  );
  assert.deepEqual(page.events[4]?.["$"], { amount: "9", currency: "EUR" });
});

test("fileTypes are regular expressions between bars", () => {
  const page = at("https://example.com/", { fileTypes: "epub|md" });
  page.emit("click", { target: link("https://example.com/book.epub") });
  page.emit("click", { target: link("https://example.com/book.pdf") });
  assert.deepEqual(page.names, ["pageview", "File Download"]);
});

test("forms: submitting one, tagged or not; clicking in a tagged one is nothing", () => {
  const page = at();
  const tagged = element("FORM", { classList: "pawprint-event-name=Ask" });
  page.emit("click", { target: element("INPUT", {}, tagged) });
  page.emit("submit", { target: tagged });
  page.emit("submit", { target: element("FORM") });
  assert.deepEqual(page.names, ["pageview", "Ask", "Form: Submission"]);
});
