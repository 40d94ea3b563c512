// @vitest-environment jsdom
import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test, vi } from "vitest";

import { api, BOOT, Failure, FakeStream, show, SNAPSHOT } from "./page";

const say = (event: string, data: unknown) => {
  act(() => {
    FakeStream.last.say(event, data);
  });
};
const asked = (path: string) => api.asked.filter((question) => question.path === path);

describe("the live counter", () => {
  test("moves with every word of the stream", async () => {
    show();
    expect(FakeStream.last.url).toBe("/api/v1/live/stream?site_id=site.test");
    say("live", SNAPSHOT);
    await waitFor(() => { expect(screen.getByTestId("current-visitors").textContent).toBe("3"); });
    say("live", { ...SNAPSHOT, current: 1204 });
    await waitFor(() => { expect(screen.getByTestId("current-visitors").textContent).toBe("1,204"); });
  });

  test("keeps its number and says since when it stands still", async () => {
    vi.useFakeTimers({ now: 1_800_000_000_000 });
    show();
    say("live", SNAPSHOT);
    const first = FakeStream.last;
    act(() => { FakeStream.last.dispatchEvent(new Event("error")); });
    expect(screen.getByText(/connection is interrupted.*since 08:00/)).toBeTruthy();
    await act(() => vi.advanceTimersByTimeAsync(1_000));
    expect(first.closed).toBe(true);
    expect(FakeStream.last).not.toBe(first);
    say("live", SNAPSHOT);
    expect(screen.queryByText(/connection is interrupted/)).toBeNull();
    vi.useRealTimers();
  });

  test("notices a stream that went silent", async () => {
    vi.useFakeTimers();
    show();
    say("live", SNAPSHOT);
    await act(() => vi.advanceTimersByTimeAsync(15_000));
    expect(screen.getByText(/connection is interrupted/)).toBeTruthy();
    vi.useRealTimers();
  });

  test("rollups that are behind are said to be", () => {
    show();
    say("live", { ...SNAPSHOT, stale: { live: null, rollups: SNAPSHOT.now - 3600 } });
    expect(screen.getByText(/period are behind.*since 07:00/)).toBeTruthy();
  });
});

describe("speed", () => {
  const rows = async () =>
    (await screen.findAllByText(/^(good|fair|poor)$/)).map((cell) => cell.closest("tr")?.textContent);

  test("says what most visitors see, and how good that is; what nobody reported is left out", async () => {
    show();
    expect(await rows()).toEqual([
      "Main content2.4 sgood",
      "Answer to input620 mspoor",
      "Layout shift0.08good",
      "First byte85 msgood",
    ]);
    expect(asked("speed").map(({ params }) => params.get("metrics"))).toEqual(["lcp,inp,cls,fcp,ttfb"]);
  });

  test("is not asked for with a filter that it does not know", async () => {
    show("?filter=visit:entry_page==/a");
    expect(await screen.findByText(/Not known by entry page/)).toBeTruthy();
    await screen.findByRole("tab", { name: /Visitors 1,200/ });
    expect(asked("speed")).toEqual([]);
  });

  test("a site without a report is told when one comes", async () => {
    const none = { value: null };
    api.answers.speed = () => ({ results: { lcp: none, inp: none, cls: none, fcp: none, ttfb: none } });
    show();
    expect(await screen.findByText(/No page has reported yet/)).toBeTruthy();
  });
});

describe("events", () => {
  test("are those beside pageviews, and a click filters", async () => {
    const user = userEvent.setup();
    show();
    const panel = (await screen.findByRole("heading", { name: "Events" })).closest("article");
    const row = await within(panel as HTMLElement).findByRole("link", { name: "first" });
    const question = asked("stats/breakdown").find(({ params }) => params.get("property") === "event:name");
    expect(question?.params.get("filters")).toBe("event:name!=pageview");
    await user.click(row);
    expect(window.location.search).toBe("?filter=event:name==first");
  });
});

describe("headline numbers", () => {
  test("are tabs of the chart, walked by arrows, kept in the address", async () => {
    const user = userEvent.setup();
    show();
    const visitors = await screen.findByRole("tab", { name: /Visitors 1,200 \+14%/ });
    expect(visitors.getAttribute("aria-selected")).toBe("true");
    visitors.focus();
    await user.keyboard("{ArrowRight}{ArrowRight}");
    expect(document.activeElement?.textContent).toContain("Pageviews");
    expect(window.location.search).toBe("?metric=pageviews");
    await user.keyboard("{End}");
    expect(window.location.search).toBe("?metric=visit_duration");
  });

  test("a higher bounce rate is worse", async () => {
    show();
    const change = await screen.findByText("+5%");
    expect(change.className).toContain("worse");
    expect((await screen.findByText("+14%")).className).toContain("better");
  });

  test("growth from nothing is no growth", async () => {
    api.answers["stats/timeseries"] = (params) => ({
      results: [{ date: "2026-11-23 00:00:00", visitors: params.get("period") === "7d" ? 7 : 0 }],
    });
    show();
    await screen.findByRole("tab", { name: "Visitors 1,200" });
    expect(screen.queryByText("+14%")).toBeNull();
  });

  test("without a comparison there is none", async () => {
    show("?compare=off");
    await screen.findByRole("tab", { name: "Visitors 1,200" });
    expect(asked("stats/aggregate").some(({ params }) => params.has("compare"))).toBe(false);
    expect(asked("stats/timeseries")).toHaveLength(1);
  });

  test("a failure says what happened, and trying again helps", async () => {
    const user = userEvent.setup();
    const { "stats/aggregate": usual } = api.answers;
    api.answers["stats/aggregate"] = () => new Failure(400, "period: no such period");
    show();
    await screen.findByText(/period: no such period/);
    if (usual) api.answers["stats/aggregate"] = usual;
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await screen.findByRole("tab", { name: /Visitors 1,200/ });
  });

  test("who is signed out is shown the way in", async () => {
    api.answers["stats/ledger"] = () => new Failure(401, "missing");
    show("?period=30d");
    const link = await screen.findByRole("link", { name: "Log in" });
    expect(link.getAttribute("href")).toBe("/login/?next=%2Fsite.test%2F%3Fperiod%3D30d");
  });
});

describe("filters", () => {
  test("a click on a row filters everything, a click on the chip's cross lets go", async () => {
    const user = userEvent.setup();
    show();
    const browser = await within(await screen.findByRole("tabpanel", { name: "Browser" })).findByRole("link", {
      name: "first",
    });
    expect(browser.getAttribute("href")).toBe("?filter=visit:browser==first");
    await user.click(browser);
    expect(window.location.search).toBe("?filter=visit:browser==first");
    await waitFor(() => {
      const questions = asked("stats/aggregate");
      expect(questions.at(-1)?.params.get("filters")).toBe("visit:browser==first");
    });
    await user.click(screen.getByRole("button", { name: "Remove filter Browser is first" }));
    expect(window.location.search).toBe("");
  });

  test("are made in the dialog from values that exist", async () => {
    const user = userEvent.setup();
    show();
    await user.click(screen.getByRole("button", { name: "Filter" }));
    const dialog = screen.getByRole("dialog");
    await user.selectOptions(within(dialog).getByLabelText("Filter on"), "visit:source");
    await user.selectOptions(within(dialog).getByLabelText("How"), "is_not");
    await user.click(await within(dialog).findByRole("checkbox", { name: /second/ }));
    await user.click(within(dialog).getByRole("button", { name: "Add filter" }));
    expect(window.location.search).toBe("?filter=visit:source!=second");
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  test("a question nobody waits for any more is aborted", async () => {
    const user = userEvent.setup();
    vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
      const { pathname, searchParams } = new URL(url, "http://localhost");
      const signal = init.signal as AbortSignal;
      api.asked.push({ path: pathname.replace("/api/v1/", ""), params: searchParams, signal });
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => { reject(signal.reason as Error); });
      });
    });
    show();
    await user.click(screen.getByRole("button", { name: "30d" }));
    const [first, second] = asked("stats/ledger");
    expect([first?.signal.aborted, second?.signal.aborted]).toEqual([true, false]);
  });
});

describe("keys", () => {
  test("choose periods, comparison, filter, theme and help", async () => {
    const user = userEvent.setup();
    show();
    await user.keyboard("3");
    expect(window.location.search).toBe("?period=30d");
    await user.keyboard("c");
    expect(window.location.search).toBe("?period=30d&compare=off");
    await user.keyboard("tt");
    expect(document.documentElement.dataset.bsTheme).toBe("dark");
    await user.keyboard("?");
    expect(screen.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeTruthy();
  });

  test("typed into a field are text", async () => {
    const user = userEvent.setup();
    show();
    await user.keyboard("f");
    await user.type(screen.getByLabelText("Search values"), "3c");
    expect(window.location.search).toBe("");
  });
});

test("places has no tab without data behind it", async () => {
  show();
  await screen.findByRole("tab", { name: "Countries" });
  await waitFor(() => { expect(asked("stats/breakdown").length).toBeGreaterThanOrEqual(6); });
  expect(screen.queryByRole("tab", { name: "Cities" })).toBeNull();
});

test("the ledger tells why hits were left out", async () => {
  show();
  expect(await screen.findByText(/10 accepted = 8 counted/)).toBeTruthy();
  expect(screen.getByText("crawlers and other programs")).toBeTruthy();
});

test("a site without hits shows its script, and goes on by itself with the first", async () => {
  const none = { value: 0, change: null };
  api.answers["stats/aggregate"] = () => ({
    results: { visitors: none, visits: none, pageviews: none, views_per_visit: none, bounce_rate: none, visit_duration: none },
  });
  show();
  say("live", { ...SNAPSHOT, current: 0, last_30m: 0 });
  await screen.findByText("No hits yet");
  expect(
    screen.getByText('<script defer data-domain="site.test" src="https://collect.example.org/js/script.js"></script>'),
  ).toBeTruthy();
  say("live", SNAPSHOT);
  expect(screen.queryByText("No hits yet")).toBeNull();
});

test("an alert comes as a toast and stays in the bell", async () => {
  const user = userEvent.setup();
  show();
  say("alert", { id: 1, opened_at: "2027-01-15T07:43:20Z", resolved_at: null, minute: 1_799_998_920, pageviews: 312, threshold: 120 });
  expect(screen.getByRole("alert").textContent).toContain("312 pageviews in one minute");
  await user.click(screen.getByRole("button", { name: "Dismiss" }));
  expect(screen.queryByRole("alert")).toBeNull();
  await user.click(screen.getByRole("button", { name: "Alerts, 1 new" }));
  expect(screen.getByText(/limit 120/)).toBeTruthy();
  expect(screen.getByRole("button", { name: "Alerts" })).toBeTruthy();
});

test("the account menu logs out by POST, with the page's token", async () => {
  const user = userEvent.setup();
  const { container } = show("", { ...BOOT, csrfToken: "abc" });
  await user.click(screen.getByRole("button", { name: "Account" }));
  const form = container.querySelector<HTMLFormElement>("form[action='/logout/']");
  expect(form?.method).toBe("post");
  expect(new FormData(form ?? undefined).get("csrfmiddlewaretoken")).toBe("abc");
});
