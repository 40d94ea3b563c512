/** The live view as a fold of what the event stream says. Pure; the clock is a parameter. */

import type { Alert, LiveSnapshot } from "../api/types";

export type Connection = "connecting" | "open" | "lost";

export interface LiveState {
  readonly connection: Connection;
  /** Epoch seconds of the last word from the server; null before the first. */
  readonly heardAt: number | null;
  readonly snapshot: LiveSnapshot | null;
  /** Alerts that came over the stream, newest first, each once. */
  readonly alerts: readonly Alert[];
}

export type LiveEvent =
  | { readonly kind: "snapshot"; readonly snapshot: LiveSnapshot; readonly at: number }
  | { readonly kind: "alert"; readonly alert: Alert; readonly at: number }
  | { readonly kind: "lost" };

export const INITIAL_LIVE: LiveState = {
  connection: "connecting",
  heardAt: null,
  snapshot: null,
  alerts: [],
};

const ALERTS_MAX = 50;

export function mergeLive(state: LiveState, event: LiveEvent): LiveState {
  switch (event.kind) {
    case "snapshot":
      return { ...state, connection: "open", heardAt: event.at, snapshot: event.snapshot };
    case "alert":
      return {
        ...state,
        connection: "open",
        heardAt: event.at,
        alerts: mergeAlerts([event.alert], state.alerts),
      };
    case "lost":
      return { ...state, connection: "lost" };
  }
}

/** Both lists as one, newest first; what `fresh` says of an alert replaces what was known. */
export function mergeAlerts(fresh: readonly Alert[], known: readonly Alert[]): Alert[] {
  const byId = new Map([...known, ...fresh].map((alert) => [alert.id, alert]));
  return [...byId.values()]
    .sort((a, b) => alertTime(b) - alertTime(a))
    .slice(0, ALERTS_MAX);
}

/** Epoch seconds at which it opened. */
export function alertTime(alert: Alert): number {
  return epochS(alert.opened_at);
}

/** ISO 8601 -> epoch seconds. */
export function epochS(time: string): number {
  return Math.floor(Date.parse(time) / 1000);
}

export interface Staleness {
  readonly what: "connection" | "live" | "rollups";
  /** Epoch seconds since when; null if it never was fresh. */
  readonly since: number | null;
}

/** What on the page is not fresh, the worst first; empty when all is well. */
export function staleness(state: LiveState): Staleness[] {
  if (state.connection === "lost") return [{ what: "connection", since: state.heardAt }];
  const { live = null, rollups = null } = state.snapshot?.stale ?? {};
  const found: Staleness[] = [];
  if (live !== null) found.push({ what: "live", since: live });
  if (rollups !== null) found.push({ what: "rollups", since: rollups });
  return found;
}
