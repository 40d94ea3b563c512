/**
 * The shapes of the API's answers that the dashboard reads.
 *
 * `schema.d.ts` is generated from the OpenAPI document (`npm run types`, before a running stack);
 * what that leaves open, rows by metric and the live stream's events, is said here.
 */

import type { MetricName } from "../lib/metrics";
import type { SpeedName } from "../lib/speed";
import type { components, paths } from "./schema";

/** Every address that answers with JSON. */
export type JsonPath = {
  [Path in keyof paths]: paths[Path] extends JsonGet ? Path : never;
}[keyof paths];

interface JsonGet {
  get: { responses: { 200: { content: { "application/json": unknown } } } };
}

export type Query<Path extends JsonPath> = NonNullable<paths[Path]["get"]["parameters"]["query"]>;

export type Answer<Path extends JsonPath> =
  paths[Path]["get"]["responses"][200]["content"]["application/json"];

export type AggregateValue = Readonly<components["schemas"]["TotalOutput"]>;
export type Aggregate = Readonly<Record<MetricName, AggregateValue>>;
export type Speeds = Readonly<Record<SpeedName, AggregateValue>>;
export type Ledger = Readonly<components["schemas"]["LedgerEntries"]>;
export type Alert = Readonly<components["schemas"]["AlertOutput"]>;

/** `date` is the start of the bucket on the site's wall clock; the rest are metrics. */
export interface TimeseriesBucket {
  readonly date: string;
  readonly [metric: string]: string | number | null;
}

export interface BreakdownRow {
  readonly value: string;
  readonly visitors: number;
}

export interface LiveMinute {
  /** Epoch seconds of its start. */
  readonly minute: number;
  readonly pageviews: number;
  readonly visitors: number;
}

export type Ranking = readonly (readonly [name: string, visitors: number])[];

export interface LiveSnapshot {
  readonly now: number;
  readonly current: number;
  readonly last_30m: number;
  /** Thirty, oldest first; the last is the minute that is running. */
  readonly minutes: readonly LiveMinute[];
  readonly pages: Ranking;
  readonly sources: Ranking;
  readonly countries: Ranking;
  readonly devices: Ranking;
  /** Epoch seconds up to which rollups are final. */
  readonly final_until: number | null;
  /** Epoch seconds since when something is stale; null while it is fresh. */
  readonly stale: { readonly live: number | null; readonly rollups: number | null };
}
