import { useMemo } from "react";

import type { Scope } from "../api/stats";
import type { Boot } from "../boot";
import type { UrlState } from "../hooks/useUrlState";
import { useAggregate, useChart } from "../hooks/useStats";
import type { DimensionName } from "../lib/dimensions";
import { toggleValue } from "../lib/filters";
import type { LiveState } from "../lib/live";
import { periodParams } from "../lib/periods";
import { type DashboardState, type PanelTabs, writeState } from "../lib/urlState";
import type { PanelContext } from "../reports/breakdown/Panel";
import { Devices } from "../reports/devices/Devices";
import { Events } from "../reports/events/Events";
import { Headline } from "../reports/headline/Headline";
import { LedgerLine } from "../reports/ledger/LedgerLine";
import { NowCard } from "../reports/now/NowCard";
import { Pages } from "../reports/pages/Pages";
import { Places } from "../reports/places/Places";
import { Sources } from "../reports/sources/Sources";
import { Speed } from "../reports/speed/Speed";

interface ReportsProps {
  readonly boot: Boot;
  readonly url: UrlState;
  readonly live: LiveState;
  readonly theme: "light" | "dark";
  readonly onShortcuts: () => void;
}

/** Everything that answers a question about the site, in the order it is asked. */
export function Reports({ boot, url, live, theme, onShortcuts }: ReportsProps) {
  const { state, adjust } = url;
  const { domain, timezone } = boot;
  const scope = useScope(domain, state);
  const aggregate = useAggregate(scope, state.compare);
  const chart = useChart(scope, state.period, state.compare);
  const finalUntil = live.snapshot?.final_until ?? null;
  const total = aggregate.data?.visitors.value ?? null;
  const context = usePanelContext(scope, total, url);
  const tabProps = <Name extends keyof PanelTabs>(name: Name) => ({
    tab: state.tabs[name],
    onTab: (tab: PanelTabs[Name]) => { adjust({ tabs: { ...state.tabs, [name]: tab } }); },
    context,
  });
  return (
    <>
      <div className="card hero">
        <NowCard live={live} timezone={timezone} />
        <Headline
          aggregate={aggregate}
          chart={chart}
          metric={state.metric}
          onMetric={(metric) => { adjust({ metric }); }}
          compare={state.compare}
          timezone={timezone}
          finalUntil={finalUntil}
          theme={theme}
        />
      </div>
      <div className="panels">
        <Sources {...tabProps("sources")} />
        <Pages {...tabProps("pages")} />
        <Places {...tabProps("places")} />
        <Devices {...tabProps("devices")} />
        <Events context={context} />
        <Speed scope={scope} />
      </div>
      <LedgerLine
        domain={domain}
        period={scope.period}
        timezone={timezone}
        finalUntil={finalUntil}
        nowS={live.snapshot?.now ?? null}
        onShortcuts={onShortcuts}
      />
    </>
  );
}

function useScope(domain: string, { period, filters }: DashboardState): Scope {
  return useMemo(
    () => ({ domain, period: periodParams(period), filters }),
    [domain, period, filters],
  );
}

function usePanelContext(scope: Scope, total: number | null, { state, change }: UrlState) {
  return useMemo((): PanelContext => {
    const clicked = (dimension: DimensionName, value: string) =>
      toggleValue(state.filters, dimension, value);
    return {
      scope,
      total,
      hrefFor: (dimension, value) =>
        writeState({ ...state, filters: clicked(dimension, value) }) || window.location.pathname,
      onPick: (dimension, value) => { change({ filters: clicked(dimension, value) }); },
      pickedIn: (dimension) =>
        new Set(
          state.filters
            .filter((filter) => filter.dimension === dimension && filter.operator === "is")
            .flatMap(({ values }) => (values.length === 1 ? values : [])),
        ),
    };
  }, [scope, total, state, change]);
}
