/** The shapes of the API's answers that the dashboard reads. */

import type { MetricName } from "../lib/metrics";

export interface AggregateValue {
  readonly value: number | null;
  /** Percent against the comparison period; null or absent where there is nothing to compare. */
  readonly change?: number | null;
}

export type Aggregate = Readonly<Record<MetricName, AggregateValue>>;

export interface TimeseriesBucket {
  /** The start of the bucket on the site's wall clock. */
  readonly date: string;
  readonly [metric: string]: string | number | null;
}

export interface BreakdownRow {
  readonly value: string;
  readonly visitors: number;
}

export interface Ledger {
  readonly accepted: number;
  readonly counted: number;
  readonly left_out: Readonly<Record<string, number>>;
}

export interface Alert {
  readonly id: number | string;
  readonly opened_at: string | number;
  readonly resolved_at: string | number | null;
  readonly minute: string | number;
  readonly pageviews: number;
  readonly threshold: number;
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
