/** Questions to the stats API, each a function of what is asked. */

import { type DimensionName, resultKey } from "../lib/dimensions";
import type { Interval } from "../lib/dates";
import { type Filter, writeFilters } from "../lib/filters";
import { METRICS } from "../lib/metrics";
import type { PeriodParams } from "../lib/periods";
import { getJson } from "./client";
import type { Aggregate, Alert, BreakdownRow, Ledger, TimeseriesBucket } from "./types";

const ROOT = "/api/v1";

/** What every question says: which site, when, and of whom. */
export interface Scope {
  readonly domain: string;
  readonly period: PeriodParams;
  readonly filters: readonly Filter[];
}

function scopeParams({ domain, period, filters }: Scope): Record<string, string> {
  return {
    site_id: domain,
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
    ...(compare && { compare: "previous_period" }),
  };
  const body = await getJson(`${ROOT}/stats/aggregate`, params, signal);
  return (body as { results: Aggregate }).results;
}

/** All headline numbers, bucket by bucket: so that choosing another one asks nothing. */
export async function fetchTimeseries(
  scope: Scope,
  interval: Interval,
  signal: AbortSignal,
): Promise<TimeseriesBucket[]> {
  const params = { ...scopeParams(scope), metrics: METRICS.join(","), interval };
  const body = await getJson(`${ROOT}/stats/timeseries`, params, signal);
  return (body as { results: TimeseriesBucket[] }).results;
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
    limit: String(limit),
    page: String(page),
  };
  const body = await getJson(`${ROOT}/stats/breakdown`, params, signal);
  const key = resultKey(dimension);
  return (body as { results: Record<string, string | number | null>[] }).results.map((row) => ({
    value: String(row[key] ?? ""),
    visitors: Number(row.visitors ?? 0),
  }));
}

/** Accepted = counted + left out; the ledger knows no filters. */
export async function fetchLedger(
  domain: string,
  period: PeriodParams,
  signal: AbortSignal,
): Promise<Ledger> {
  const body = await getJson(`${ROOT}/stats/ledger`, { site_id: domain, ...period }, signal);
  return (body as { results: Ledger }).results;
}

/** The site's alerts, newest first. */
export async function fetchAlerts(domain: string, signal: AbortSignal): Promise<Alert[]> {
  const body = await getJson(`${ROOT}/alerts`, { site_id: domain }, signal);
  return (body as { results: Alert[] }).results;
}
