/** Questions to the stats API, each a function of what is asked. */

import { type DimensionName, resultKey } from "../lib/dimensions";
import type { Interval } from "../lib/dates";
import { type Filter, writeFilters } from "../lib/filters";
import { METRICS } from "../lib/metrics";
import type { PeriodParams } from "../lib/periods";
import { SPEEDS } from "../lib/speed";
import { getJson } from "./client";
import type { Aggregate, Alert, BreakdownRow, Ledger, Speeds, TimeseriesBucket } from "./types";

/** What every question says: which site, when, and of whom. */
export interface Scope {
  readonly domain: string;
  readonly period: PeriodParams;
  readonly filters: readonly Filter[];
}

/** Ours: days that end with today, and blanks and nothings that are told apart from values. */
const OWN_WAY = { dialect: "pawprint" } as const;

function scopeParams({ domain, period, filters }: Scope) {
  return {
    site_id: domain,
    ...OWN_WAY,
    ...period,
    ...(filters.length > 0 && { filters: writeFilters(filters) }),
  };
}

/** All headline numbers, with their change if `compare`. */
export async function fetchAggregate(
  scope: Scope,
  compare: boolean,
  signal: AbortSignal,
): Promise<Aggregate> {
  const params = {
    ...scopeParams(scope),
    metrics: METRICS.join(","),
    ...(compare && { compare: "previous_period" as const }),
  };
  const { results } = await getJson("/api/v1/stats/aggregate", params, signal);
  return results as Aggregate; // the schema knows metrics only as strings
}

/** How fast pages were. */
export async function fetchSpeed(scope: Scope, signal: AbortSignal): Promise<Speeds> {
  const params = { ...scopeParams(scope), metrics: SPEEDS.join(",") };
  const { results } = await getJson("/api/v1/stats/aggregate", params, signal);
  return results as Speeds;
}

/** All headline numbers, bucket by bucket: so that choosing another one asks nothing. */
export async function fetchTimeseries(
  scope: Scope,
  interval: Interval,
  signal: AbortSignal,
): Promise<TimeseriesBucket[]> {
  const params = { ...scopeParams(scope), metrics: METRICS.join(","), interval };
  const { results } = await getJson("/api/v1/stats/timeseries", params, signal);
  return results as TimeseriesBucket[];
}

/** Visitors by the values of a dimension, most first. `page` counts from 1. */
export async function fetchBreakdown(
  scope: Scope,
  dimension: DimensionName,
  { limit, page }: { limit: number; page: number },
  signal: AbortSignal,
): Promise<BreakdownRow[]> {
  const params = {
    ...scopeParams(scope),
    property: dimension,
    metrics: "visitors",
    limit,
    page,
  };
  const { results } = await getJson("/api/v1/stats/breakdown", params, signal);
  const key = resultKey(dimension);
  return results.map(({ [key]: value, visitors }) => ({
    value: typeof value === "string" ? value : "",
    visitors: Number(visitors),
  }));
}

/** Accepted = counted + left out; the ledger knows no filters. */
export async function fetchLedger(
  domain: string,
  period: PeriodParams,
  signal: AbortSignal,
): Promise<Ledger> {
  const { results } = await getJson(
    "/api/v1/stats/ledger",
    { site_id: domain, ...OWN_WAY, ...period },
    signal,
  );
  return results;
}

/** The site's alerts, newest first. */
export async function fetchAlerts(domain: string, signal: AbortSignal): Promise<Alert[]> {
  const { results } = await getJson("/api/v1/alerts", { site_id: domain }, signal);
  return results;
}
