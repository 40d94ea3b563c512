import { useCallback, useMemo, useState } from "react";

import type { Boot } from "../boot";
import { type UrlState, useUrlState } from "../hooks/useUrlState";
import { useLive } from "../hooks/useLive";
import { useShortcuts } from "../hooks/useShortcuts";
import { useAggregate, useAlerts } from "../hooks/useStats";
import { type ThemeChoice, useTheme } from "../hooks/useTheme";
import { addFilter, type Filter } from "../lib/filters";
import type { DashboardState } from "../lib/urlState";
import { type LiveState, mergeAlerts, staleness } from "../lib/live";
import { periodParams, PRESETS } from "../lib/periods";
import { AlertToast } from "./AlertToast";
import { Bell } from "./Bell";
import { Chips } from "./Chips";
import { EmptySite } from "./EmptySite";
import { FilterDialog } from "./FilterDialog";
import { Notices } from "./Notices";
import { Reports } from "./Reports";
import { ShortcutsDialog } from "./ShortcutsDialog";
import { Controls, SiteTitle } from "./Controls";
import { TopBar } from "./TopBar";

/** What lies over the page, if anything; `filter` null makes a new one. */
type Overlay = { readonly kind: "filter"; readonly filter: Filter | null } | { readonly kind: "shortcuts" };

export function Dashboard({ boot }: { boot: Boot }) {
  const url = useUrlState();
  const theme = useTheme(boot.shared?.theme ?? null);
  const live = useLive(boot.domain);
  const [overlay, setOverlay] = useState<Overlay | null>(null);
  const { state, change } = url;
  const close = useCallback(() => {
    setOverlay(null);
  }, []);
  useDashboardShortcuts(url, theme, setOverlay);
  const isEmpty = useIsEmpty(boot.domain, state, live);

  return (
    <>
      {boot.shared?.isEmbedded !== true && (
        <TopBar
          boot={boot}
          theme={theme}
          bell={boot.shared ? null : <LiveBell boot={boot} live={live} />}
        />
      )}
      <main className="wrap">
        <div className="site-bar">
          <SiteTitle boot={boot} />
          <span className="spacer" />
          {!isEmpty && (
            <Controls
              timezone={boot.timezone}
              period={state.period}
              onPeriod={(period) => { change({ period }); }}
              compare={state.compare}
              onCompare={(compare) => { change({ compare }); }}
              onFilter={() => { setOverlay({ kind: "filter", filter: null }); }}
            />
          )}
        </div>
        <Chips
          filters={state.filters}
          onEdit={(filter) => { setOverlay({ kind: "filter", filter }); }}
          onRemove={(filter) => { change({ filters: without(state.filters, filter) }); }}
          onClear={() => { change({ filters: [] }); }}
        />
        <Notices
          stale={staleness(live)}
          timezone={boot.timezone}
          nowS={presentS(live)}
        />
        {isEmpty ? (
          <EmptySite
            domain={boot.domain}
            collectorUrl={boot.collectorUrl}
            listening={live.connection === "open"}
            isShared={boot.shared !== null}
          />
        ) : (
          <Reports
            boot={boot}
            url={url}
            live={live}
            theme={theme.resolved}
            onShortcuts={() => { setOverlay({ kind: "shortcuts" }); }}
          />
        )}
      </main>
      {overlay?.kind === "filter" && (
        <FilterDialog
          filter={overlay.filter}
          scope={{
            domain: boot.domain,
            period: periodParams(state.period),
            filters: without(state.filters, overlay.filter),
          }}
          onApply={(filter) => {
            change({ filters: addFilter(without(state.filters, overlay.filter), filter) });
            close();
          }}
          onClose={close}
        />
      )}
      {overlay?.kind === "shortcuts" && <ShortcutsDialog onClose={close} />}
    </>
  );
}

/** The bell with what the API and the stream know, and a toast for what came just now. */
function LiveBell({ boot, live }: { boot: Boot; live: LiveState }) {
  const { data: known } = useAlerts(boot.domain);
  const [dismissed, setDismissed] = useState<unknown>(null);
  const alerts = useMemo(() => mergeAlerts(live.alerts, known ?? []), [live.alerts, known]);
  const nowS = presentS(live);
  const latest = live.alerts[0];
  const close = useCallback(() => {
    setDismissed(latest);
  }, [latest]);
  return (
    <>
      <Bell alerts={alerts} domain={boot.domain} timezone={boot.timezone} nowS={nowS} />
      {latest && latest !== dismissed && (
        <AlertToast alert={latest} timezone={boot.timezone} nowS={nowS} onClose={close} />
      )}
    </>
  );
}

/** Whether the site was never visited: nobody in the period, then nobody in a year, nobody now. */
function useIsEmpty(domain: string, state: DashboardState, live: LiveState): boolean {
  const { period, filters, compare } = state;
  const shown = useAggregate({ domain, period: periodParams(period), filters }, compare);
  const isDoubtful = shown.data?.visitors.value === 0 && filters.length === 0;
  const year = { domain, period: periodParams({ kind: "12mo" }), filters: [] };
  const { data } = useAggregate(year, false, isDoubtful);
  return isDoubtful && data?.visitors.value === 0 && !live.snapshot?.last_30m;
}

function useDashboardShortcuts(
  { state, change }: UrlState,
  theme: ThemeChoice,
  setOverlay: (overlay: Overlay) => void,
): void {
  const periods = PRESETS.map((kind, index) => [
    String(index + 1),
    () => { change({ period: { kind } }); },
  ]);
  useShortcuts({
    ...(Object.fromEntries(periods) as Record<string, () => void>),
    f: () => { setOverlay({ kind: "filter", filter: null }); },
    c: () => { change({ compare: !state.compare }); },
    t: theme.cycle,
    "?": () => { setOverlay({ kind: "shortcuts" }); },
    Escape: () => { change({ filters: [] }); },
  });
}

/** Epoch seconds by the server's clock as last heard; 0 before it spoke. */
function presentS({ snapshot, heardAt }: LiveState): number {
  return snapshot?.now ?? heardAt ?? 0;
}

function without(filters: readonly Filter[], removed: Filter | null): Filter[] {
  return filters.filter((filter) => filter !== removed);
}
