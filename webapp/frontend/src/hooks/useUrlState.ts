import { useCallback, useMemo, useSyncExternalStore } from "react";

import { type DashboardState, linkParams, readState, writeState } from "../lib/urlState";

const CHANGED = "pawprint:address";

function subscribe(listener: () => void): () => void {
  window.addEventListener("popstate", listener);
  window.addEventListener(CHANGED, listener);
  return () => {
    window.removeEventListener("popstate", listener);
    window.removeEventListener(CHANGED, listener);
  };
}

export interface UrlState {
  readonly state: DashboardState;
  /** A step one can go back from, as a filter is. */
  readonly change: (part: Partial<DashboardState>) => void;
  /** A choice that is kept in the address, but is no step of its own, as a tab is. */
  readonly adjust: (part: Partial<DashboardState>) => void;
}

/** The address as the dashboard's only state. */
export function useUrlState(): UrlState {
  const search = useSyncExternalStore(subscribe, () => window.location.search);
  const state = useMemo(() => readState(search), [search]);
  const change = useCallback((part: Partial<DashboardState>) => {
    navigate(part, "pushState");
  }, []);
  const adjust = useCallback((part: Partial<DashboardState>) => {
    navigate(part, "replaceState");
  }, []);
  return { state, change, adjust };
}

function navigate(part: Partial<DashboardState>, method: "pushState" | "replaceState"): void {
  const { pathname, search, hash } = window.location;
  const next = writeState({ ...readState(search), ...part }, linkParams(search));
  if (next === search) return;
  window.history[method](null, "", `${pathname}${next}${hash}`);
  window.dispatchEvent(new Event(CHANGED));
}
