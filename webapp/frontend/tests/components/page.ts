/** A page for the dashboard to stand on: what jsdom lacks, an API and a live stream to command. */

import { cleanup, render } from "@testing-library/react";
import { QueryClientProvider } from "@tanstack/react-query";
import { createElement } from "react";
import { afterEach, beforeEach, vi } from "vitest";

import type { LiveSnapshot } from "../../src/api/types";
import type { Boot } from "../../src/boot";
import { makeQueryClient } from "../../src/hooks/useStats";
import { Dashboard } from "../../src/page/Dashboard";

// A canvas, which jsdom has none of; what is drawn is looked at in a real browser.
vi.mock("uplot", () => ({
  default: class {
    static pxRatio = 1;
    setData(): void {}
    setSize(): void {}
    destroy(): void {}
  },
}));

export const BOOT: Boot = {
  domain: "site.test",
  timezone: "UTC",
  sites: ["site.test", "other.test"],
  email: "ada@example.org",
  initials: "AD",
  collectorUrl: "https://collect.example.org",
  isDemo: false,
  csrfToken: "token",
  shared: null,
};

export const SNAPSHOT: LiveSnapshot = {
  now: 1_800_000_000,
  current: 3,
  last_30m: 9,
  minutes: [{ minute: 1_799_999_940, pageviews: 5, visitors: 3 }],
  pages: [["/", 3]],
  sources: [],
  countries: [],
  devices: [],
  final_until: 1_799_999_900,
  stale: { live: null, rollups: null },
};

type Answers = Record<string, (params: URLSearchParams) => unknown>;

/** What was asked of the API, in order. */
export interface Asked {
  readonly path: string;
  readonly params: URLSearchParams;
  readonly signal: AbortSignal;
}

export const api = { answers: {} as Answers, asked: [] as Asked[] };

export class Failure {
  constructor(
    readonly status: number,
    readonly error: string,
  ) {}
}

/** The stream as the browser has it, spoken for by the test. */
export class FakeStream extends EventTarget {
  static last: FakeStream;
  closed = false;

  constructor(readonly url: string) {
    super();
    FakeStream.last = this;
  }

  close(): void {
    this.closed = true;
  }

  say(event: string, data: unknown): void {
    this.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data) }));
  }
}

const metric = (value: number, change: number) => ({ value, change });

function usualAnswers(): Answers {
  return {
    "stats/aggregate": () => ({
      results: {
        visitors: metric(1200, 14),
        visits: metric(1500, 11),
        pageviews: metric(4000, 18),
        views_per_visit: metric(2.67, 6),
        bounce_rate: metric(41, 5),
        visit_duration: metric(168, 0),
      },
    }),
    speed: () => ({
      results: {
        lcp: { value: 2430 },
        inp: { value: 620 },
        cls: { value: 0.0834 },
        fcp: { value: null },
        ttfb: { value: 85 },
      },
    }),
    "stats/timeseries": () => ({ results: [{ date: "2026-11-23 00:00:00", visitors: 7 }] }),
    "stats/breakdown": (params) => {
      const key = params.get("property")?.split(":")[1] ?? "";
      return key === "region" || key === "city"
        ? { results: [] }
        : { results: [{ [key]: "first", visitors: 600 }, { [key]: "second", visitors: 6 }] };
    },
    "stats/ledger": () => ({ results: { accepted: 10, counted: 8, left_out: { bot: 2 } } }),
    alerts: () => ({ results: [] }),
  };
}

function answer(url: string, init: RequestInit): Response {
  const { pathname, searchParams } = new URL(url, "http://localhost");
  // Two questions of one address: they fail and change apart.
  const isSpeed = searchParams.get("metrics")?.startsWith("lcp") === true;
  const path = isSpeed ? "speed" : pathname.replace("/api/v1/", "");
  api.asked.push({ path, params: searchParams, signal: init.signal as AbortSignal });
  const body = api.answers[path]?.(searchParams);
  return body instanceof Failure
    ? Response.json({ error: body.error }, { status: body.status })
    : Response.json(body);
}

beforeEach(() => {
  api.answers = usualAnswers();
  api.asked = [];
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => Promise.resolve(answer(url, init)));
  vi.stubGlobal("EventSource", FakeStream);
  vi.stubGlobal("matchMedia", (query: string) => ({
    matches: query.includes("reduced-motion"), // numbers are where they belong at once
    addEventListener() {},
    removeEventListener() {},
  }));
  vi.stubGlobal("ResizeObserver", class {
    observe(): void {}
    disconnect(): void {}
  });
  HTMLDialogElement.prototype.showModal = function showModal() {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function close() {
    this.open = false;
  };
});

afterEach(() => {
  cleanup();
  localStorage.clear();
  window.history.replaceState(null, "", "/");
});

/** The whole dashboard, at an address. */
export function show(search = "", boot: Boot = BOOT) {
  window.history.replaceState(null, "", `/${boot.domain}/${search}`);
  const dashboard = createElement(Dashboard, { boot });
  return render(createElement(QueryClientProvider, { client: makeQueryClient() }, dashboard));
}
