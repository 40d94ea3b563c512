/**
 * All the dashboard shows is in the address, so that it can be kept and sent.
 *
 * Example: `?period=30d&metric=pageviews&filter=visit:device==Desktop&pages=entry&compare=off`.
 * What is at its default is left out; what cannot be read becomes the default.
 */

import { type Filter, readFilters, writeFilter } from "./filters";
import { isMetric, type MetricName } from "./metrics";
import { customPeriod, isPreset, type Period } from "./periods";

/** Tabs of the panels; the first is the one shown without being asked for. */
export const PANEL_TABS = {
  sources: ["channels", "sources", "campaigns"],
  pages: ["top", "entry", "exit"],
  places: ["countries", "regions", "cities"],
  devices: ["browser", "os", "size"],
} as const;

export type PanelName = keyof typeof PANEL_TABS;
export type PanelTabs = { readonly [Name in PanelName]: (typeof PANEL_TABS)[Name][number] };

export interface DashboardState {
  readonly period: Period;
  readonly compare: boolean;
  readonly metric: MetricName;
  readonly filters: readonly Filter[];
  readonly tabs: PanelTabs;
}

export const DEFAULT_STATE: DashboardState = {
  period: { kind: "7d" },
  compare: true,
  metric: "visitors",
  filters: [],
  tabs: { sources: "channels", pages: "top", places: "countries", devices: "browser" },
};

/** Address -> state. Total: any text gives a state. */
export function readState(search: string): DashboardState {
  const params = new URLSearchParams(search);
  const metric = params.get("metric");
  return {
    period: readPeriod(params),
    compare: params.get("compare") !== "off",
    metric: isMetric(metric) ? metric : DEFAULT_STATE.metric,
    filters: readFilters(params.getAll("filter")),
    tabs: {
      sources: readTab(PANEL_TABS.sources, params.get("sources")),
      pages: readTab(PANEL_TABS.pages, params.get("pages")),
      places: readTab(PANEL_TABS.places, params.get("places")),
      devices: readTab(PANEL_TABS.devices, params.get("devices")),
    },
  };
}

/** What a shared link's address says besides: the page is not found again without it. */
const LINK_PARAMS = ["auth", "embed", "theme"] as const;

/** The part of an address that is no state and has to stay. */
export function linkParams(search: string): [string, string][] {
  const params = new URLSearchParams(search);
  return LINK_PARAMS.flatMap((name) => {
    const value = params.get(name);
    return value === null ? [] : [[name, value]];
  });
}

/** State -> address: "" or "?...", after what stays of it. The reverse of `readState`. */
export function writeState(state: DashboardState, staying: [string, string][] = []): string {
  const parts = [...staying];
  if (state.period.kind === "custom") {
    parts.push(["from", state.period.from], ["to", state.period.to]);
  } else if (state.period.kind !== DEFAULT_STATE.period.kind) {
    parts.push(["period", state.period.kind]);
  }
  if (!state.compare) parts.push(["compare", "off"]);
  if (state.metric !== DEFAULT_STATE.metric) parts.push(["metric", state.metric]);
  for (const filter of state.filters) parts.push(["filter", writeFilter(filter)]);
  for (const name of Object.keys(PANEL_TABS) as PanelName[]) {
    if (state.tabs[name] !== PANEL_TABS[name][0]) parts.push([name, state.tabs[name]]);
  }
  if (parts.length === 0) return "";
  return `?${parts.map(([key, value]) => `${key}=${encodeReadably(value)}`).join("&")}`;
}

function readPeriod(params: URLSearchParams): Period {
  const custom = customPeriod(params.get("from") ?? "", params.get("to") ?? "");
  if (custom) return custom;
  const preset = params.get("period");
  return isPreset(preset) ? { kind: preset } : DEFAULT_STATE.period;
}

function readTab<Tab extends string>(tabs: readonly [Tab, ...Tab[]], wanted: string | null): Tab {
  return tabs.find((tab) => tab === wanted) ?? tabs[0];
}

/** Percent-encoded, but with the signs left that an address may hold and people can read. */
function encodeReadably(value: string): string {
  return encodeURIComponent(value).replace(/%(3A|2F|3D|7C|2C)/g, (sign) => decodeURIComponent(sign));
}
