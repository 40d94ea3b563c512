import { keepPreviousData, QueryClient, useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { ApiError } from "../api/client";
import {
  fetchAggregate,
  fetchAlerts,
  fetchBreakdown,
  fetchLedger,
  fetchSpeed,
  fetchTimeseries,
  type Scope,
} from "../api/stats";
import type { BreakdownRow, TimeseriesBucket } from "../api/types";
import type { DimensionName } from "../lib/dimensions";
import type { Interval } from "../lib/dates";
import { searchFilter } from "../lib/filters";
import {
  comparisonParams,
  intervalOf,
  type Period,
  type PeriodParams,
  periodParams,
} from "../lib/periods";

const REFRESH_MS = 30_000;
const LIST_ROWS = 100;

/**
 * Asks again every half minute and when the tab is looked at, quietly: what is shown stays until
 * the new answer is there. A question that nobody waits for any more is aborted.
 */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        refetchInterval: REFRESH_MS,
        refetchOnWindowFocus: true,
        staleTime: 5_000,
        placeholderData: keepPreviousData,
        retry: (failures, error) => failures < 1 && error instanceof ApiError && error.isPassing,
        retryDelay: 1_000,
        networkMode: "always", // a browser's idea of being offline is wrong on loopback
      },
    },
  });
}

export function useAggregate(scope: Scope, compare: boolean, enabled = true) {
  return useQuery({
    queryKey: ["aggregate", scope, compare],
    queryFn: ({ signal }) => fetchAggregate(scope, compare, signal),
    enabled,
  });
}

export function useSpeed(scope: Scope, enabled: boolean) {
  return useQuery({
    queryKey: ["speed", scope],
    queryFn: ({ signal }) => fetchSpeed(scope, signal),
    enabled,
  });
}

/** A series with the one it is compared with, always of the same question. */
export interface ChartData {
  readonly period: Period;
  readonly interval: Interval;
  readonly current: readonly TimeseriesBucket[];
  readonly previous: readonly TimeseriesBucket[];
  /** Epoch seconds of this browser when it was asked: buckets after it lie ahead. */
  readonly askedAt: number;
}

export function useChart(
  { domain, filters }: Pick<Scope, "domain" | "filters">,
  period: Period,
  compare: boolean,
) {
  return useQuery({
    queryKey: ["chart", domain, filters, period, compare],
    queryFn: async ({ signal }): Promise<ChartData> => {
      const interval = intervalOf(period);
      const askedAt = Math.floor(Date.now() / 1000);
      const ask = (params: PeriodParams) =>
        fetchTimeseries({ domain, filters, period: params }, interval, signal);
      const current = await ask(periodParams(period));
      const before = compare ? comparisonParams(period, current.map(({ date }) => date)) : null;
      const previous = before === null ? [] : await ask(before);
      return { period, interval, current, previous, askedAt };
    },
  });
}

export function useBreakdown(scope: Scope, dimension: DimensionName, limit: number) {
  return useQuery<BreakdownRow[]>({
    queryKey: ["breakdown", dimension, scope, limit],
    // Rows of another dimension would stand under the wrong heading until the new ones come.
    placeholderData: (rows, query) => (query?.queryKey[1] === dimension ? rows : undefined),
    queryFn: ({ signal }) => fetchBreakdown(scope, dimension, { limit, page: 1 }, signal),
  });
}

/** The whole list, page by page, narrowed to what has `term` in it. */
export function useBreakdownList(scope: Scope, dimension: DimensionName, term: string) {
  const search = term === "" ? undefined : searchFilter(dimension, term);
  return useInfiniteQuery({
    queryKey: ["list", dimension, scope, search],
    queryFn: ({ signal, pageParam }): Promise<BreakdownRow[]> => {
      if (search === null) return Promise.resolve([]);
      const filters = search ? [...scope.filters, search] : scope.filters;
      const page = { limit: LIST_ROWS, page: pageParam };
      return fetchBreakdown({ ...scope, filters }, dimension, page, signal);
    },
    initialPageParam: 1,
    getNextPageParam: (rows, pages) => (rows.length < LIST_ROWS ? undefined : pages.length + 1),
    refetchInterval: false,
  });
}

export function useLedger(domain: string, period: PeriodParams) {
  return useQuery({
    queryKey: ["ledger", domain, period],
    queryFn: ({ signal }) => fetchLedger(domain, period, signal),
  });
}

export function useAlerts(domain: string) {
  return useQuery({
    queryKey: ["alerts", domain],
    queryFn: ({ signal }) => fetchAlerts(domain, signal),
  });
}
