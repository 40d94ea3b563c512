// @vitest-environment jsdom
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test } from "vitest";

import type { Boot } from "../../src/boot";
import { api, BOOT, Failure, FakeStream, show, SNAPSHOT } from "./page";

const SHARED: Boot = {
  ...BOOT,
  sites: [],
  email: "",
  initials: "",
  collectorUrl: "",
  csrfToken: "",
  shared: { isEmbedded: false, theme: null },
};

beforeEach(() => {
  document.head.innerHTML = '<meta name="shared-link" content="a:pass">';
});

afterEach(() => {
  document.head.innerHTML = "";
});

const numbers = () => screen.findByRole("tab", { name: /Visitors 1,200/ });

test("every call carries the pass of the link, and alerts are not asked for", async () => {
  show("?auth=slug", SHARED);
  await numbers();
  expect(new Set(api.asked.map(({ params }) => params.get("link")))).toEqual(new Set(["a:pass"]));
  expect(api.asked.filter(({ path }) => path === "alerts")).toEqual([]);
  expect(FakeStream.last.url).toBe("/api/v1/live/stream?site_id=site.test&link=a%3Apass");
});

test("nothing leads to where only members may go", async () => {
  show("?auth=slug", SHARED);
  await numbers();
  expect(screen.getByText("site.test, shared with you for reading")).toBeTruthy();
  expect(screen.queryByRole("button", { name: /Account|Alerts|Another site/ })).toBeNull();
  expect(screen.queryByText("Log out")).toBeNull();
  const own = [...document.querySelectorAll("a")].map((link) => link.getAttribute("href"));
  expect(own.filter((href) => href?.startsWith("/"))).toEqual([]);
});

test("the address keeps what the link is found by", async () => {
  show("?auth=slug", SHARED);
  await numbers();
  await userEvent.click(screen.getByRole("button", { name: /vs previous/ }));
  expect(window.location.search).toBe("?auth=slug&compare=off");
});

test("in a frame there is no bar, and the theme is the one that was given", async () => {
  show("?auth=slug&embed=true&theme=dark", { ...SHARED, shared: { isEmbedded: true, theme: "dark" } });
  await numbers();
  expect(document.querySelector("header.top")).toBeNull();
  expect(document.documentElement.dataset.bsTheme).toBe("dark");
});

test("a link that does not hold any more is said to be that, without a way to log in", async () => {
  api.answers["stats/breakdown"] = () => new Failure(401, "no");
  show("?auth=slug", SHARED);
  expect((await screen.findAllByText(/This link does not hold any more/)).length).toBeGreaterThan(0);
  expect(screen.queryByText("Log in")).toBeNull();
});

test("how to count the site is not for who reads it", async () => {
  api.answers["stats/aggregate"] = () => ({ results: { visitors: { value: 0 } } });
  show("?auth=slug", SHARED);
  FakeStream.last.say("live", { ...SNAPSHOT, current: 0, last_30m: 0 });
  await waitFor(() => { expect(screen.getByText("No hits yet")).toBeTruthy(); });
  expect(screen.queryByText(/Paste this line/)).toBeNull();
});
