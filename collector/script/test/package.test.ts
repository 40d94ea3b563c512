import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { bundleAll, GZIP_BYTES_MAX } from "../bundle.ts";
import { FakeWindow } from "./fakes.ts";

const built = await bundleAll();
const library = built["index.js"]!.replace(/export\s*\{.*\};?\s*$/, "").replaceAll("export const", "var");

for (const [name, limit] of Object.entries(GZIP_BYTES_MAX)) {
  test(`${name} is under its limit, and all there is`, () => {
    assert.ok(gzipSync(built[name]!, { level: 9 }).length <= limit);
  });
}

test("the package holds the module, its types and the script, and nothing else", () => {
  execFileSync(process.execPath, ["build.ts"]);
  // npm may be no program of its own on the PATH; it tells where it is to what it runs.
  const path = process.env["npm_execpath"];
  const [command, npm] = path ? [process.execPath, [path]] : ["npm", []];
  const quiet = { stdio: ["ignore", "pipe", "ignore"] as ["ignore", "pipe", "ignore"] };
  const [packed] = JSON.parse(
    execFileSync(command, [...npm, "pack", "--dry-run", "--json"], quiet).toString(),
  ) as { files: { path: string }[] }[];
  assert.deepEqual(packed?.files.map((file) => file.path).sort(), [
    "dist/index.d.ts", "dist/index.js", "dist/script.js", "dist/script.json", "dist/types.d.ts", "package.json",
  ]);
});

test("the module does nothing until init, which takes options, once", () => {
  const page = new FakeWindow("https://example.com/").run(library);
  assert.equal(page.requests.length, 0);
  page.call("init", { api: "/p/event", domain: "example.com", hash: false });
  page.call("init", {});
  page.call("track", "signup");
  assert.deepEqual(page.names, ["pageview", "signup"]);
  assert.equal(page.requests[0]?.url, "/p/event");
  assert.equal(page.events[0]?.["h"], 0);
});

const SRC = "https://stats.example.net/js/analytics.js?site=site-1";
function panelbear(calls: unknown[][], url = "https://example.com/"): FakeWindow {
  const page = new FakeWindow(url);
  Object.assign(page, { panelbear: { q: calls } });
  return page.run(built["analytics.js"]!, {}, SRC);
}

test("Panelbear's client: the site of the address, events of the queue and later", () => {
  const page = panelbear([["track", "early"]]);
  page.call("panelbear", "track", "later");
  page.call("panelbear", "trackPageview");
  assert.deepEqual(page.names, ["pageview", "early", "later", "pageview"]);
  assert.equal(page.events[0]?.["d"], "site-1");
  assert.equal(page.requests[0]?.url, "https://stats.example.net/api/event");
});

test("Panelbear's client: its options", () => {
  const config = (options: object) => panelbear([["config", options]]);
  assert.equal(config({ site: "s" }).events[0]?.["d"], "s");
  assert.equal(config({ enabled: false }).requests.length, 0);
  assert.equal(config({ autoTrack: false }).requests.length, 0);
  const still = config({ spaMode: "off" });
  still.history.pushState(null, "", "/b");
  assert.deepEqual(still.names, ["pageview"]);
  assert.equal(config({ includeURLFragment: true }).events[0]?.["h"], 1);
  assert.equal(config({ analyticsHost: "https://a.example" }).requests[0]?.url, "https://a.example/api/event");
  assert.equal(config({ beforeSend: () => null }).requests.length, 0);
  assert.equal(panelbear([["config", { debug: true }]], "http://localhost/").requests.length, 1);
});
