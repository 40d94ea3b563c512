import type { Scope } from "../../api/stats";
import { useBreakdown } from "../../hooks/useStats";
import type { PanelTabs } from "../../lib/urlState";
import { Panel, type PanelContext, type PanelTab, scopeOf } from "../breakdown/Panel";

type Name = PanelTabs["places"];

const COUNTRIES: PanelTab<Name> = {
  name: "countries",
  label: "Countries",
  dimension: "visit:country",
  emptyText: "No visits in this period.",
};
const REGIONS: PanelTab<Name> = {
  name: "regions",
  label: "Regions",
  dimension: "visit:region",
  emptyText: "No regions known in this period.",
  without: [""],
};
const CITIES: PanelTab<Name> = {
  name: "cities",
  label: "Cities",
  dimension: "visit:city",
  emptyText: "No cities known in this period.",
  without: [""],
};
const ROWS_MAX = 6;

interface PlacesProps {
  readonly tab: Name;
  readonly onTab: (tab: Name) => void;
  readonly context: PanelContext;
}

/** Where visitors are. Regions and cities need the operator's own map, so they may be missing. */
export function Places({ tab, onTab, context }: PlacesProps) {
  const hasRegions = useHasRows(context.scope, REGIONS);
  const hasCities = useHasRows(context.scope, CITIES);
  return (
    <Panel
      title="Places"
      tabs={[COUNTRIES, ...(hasRegions ? [REGIONS] : []), ...(hasCities ? [CITIES] : [])]}
      selected={tab}
      onSelect={onTab}
      context={context}
      rowsMax={ROWS_MAX}
    />
  );
}

function useHasRows(scope: Scope, tab: PanelTab<Name>): boolean {
  const { data } = useBreakdown(scopeOf(scope, tab), tab.dimension, 1);
  return data !== undefined && data.length > 0;
}
