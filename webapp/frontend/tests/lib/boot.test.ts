// @vitest-environment jsdom
import { expect, test } from "vitest";

import { readBoot } from "../../src/boot";

function page(boot: unknown): Document {
  const made = document.implementation.createHTMLDocument();
  made.head.innerHTML = '<meta name="csrf-token" content="abc">';
  made.body.innerHTML = `<script id="boot" type="application/json">${JSON.stringify(boot)}</script>`;
  return made;
}

test("what the server wrote is taken over", () => {
  expect(
    readBoot(
      page({
        domain: "site.test",
        timezone: "Europe/Berlin",
        sites: [{ domain: "site.test", timezone: "UTC" }],
        user: { email: "ada@example.org", initials: "AD" },
        collectorUrl: "https://collect.example.org/",
        isDemo: true,
      }),
    ),
  ).toEqual({
    domain: "site.test",
    timezone: "Europe/Berlin",
    sites: ["site.test"],
    email: "ada@example.org",
    initials: "AD",
    collectorUrl: "https://collect.example.org",
    isDemo: true,
    csrfToken: "abc",
    shared: null,
  });
});

test("of a shared link's page only known themes are believed", () => {
  const sharedAs = (theme: unknown) =>
    readBoot(page({ domain: "site.test", user: null, shared: { isEmbedded: true, theme } }))?.shared;
  expect(sharedAs("dark")).toEqual({ isEmbedded: true, theme: "dark" });
  expect(sharedAs("<b>")).toEqual({ isEmbedded: true, theme: null });
});

test("a timezone this browser does not know becomes UTC", () => {
  expect(readBoot(page({ domain: "site.test", timezone: "Mars/Olympus" }))?.timezone).toBe("UTC");
});

test("without a site there is nothing to show", () => {
  expect(readBoot(page({ domain: null, sites: [] }))).toBeNull();
});
