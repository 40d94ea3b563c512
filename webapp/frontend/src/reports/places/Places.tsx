import type { Scope } from "../../api/stats";
import { useBreakdown } from "../../hooks/useStats";
import type { DimensionName } from "../../lib/dimensions";
import type { PanelTabs } from "../../lib/urlState";
import { Panel, type PanelContext, type PanelTab } from "../breakdown/Panel";

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
};
const CITIES: PanelTab<Name> = {
  name: "cities",
  label: "Cities",
  dimension: "visit:city",
  emptyText: "No cities known in this period.",
};
const ROWS_MAX = 6;

interface PlacesProps {
  readonly tab: Name;
  readonly onTab: (tab: Name) => void;
  readonly context: PanelContext;
}

/** Where visitors are. Regions and cities need the operator's own map, so they may be missing. */
export function Places({ tab, onTab, context }: PlacesProps) {
  const hasRegions = useHasValues(context.scope, "visit:region");
  const hasCities = useHasValues(context.scope, "visit:city");
  const tabs = [COUNTRIES, ...(hasRegions ? [REGIONS] : []), ...(hasCities ? [CITIES] : [])];
  return (
    <Panel
      title="Places"
      tabs={tabs}
      selected={tab}
      onSelect={onTab}
      context={context}
      rowsMax={ROWS_MAX}
    />
  );
}

/** Whether anything but a blank is known; two rows are enough to tell. */
function useHasValues(scope: Scope, dimension: DimensionName): boolean {
  const { data } = useBreakdown(scope, dimension, 2);
  return data?.some(({ value }) => value !== "") ?? false;
}
