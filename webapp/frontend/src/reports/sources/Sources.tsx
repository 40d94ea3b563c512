import type { PanelTabs } from "../../lib/urlState";
import { Panel, type PanelContext, type PanelTab } from "../breakdown/Panel";

type Name = PanelTabs["sources"];

const TABS: readonly [PanelTab<Name>, ...PanelTab<Name>[]] = [
  { name: "channels", label: "Channels", dimension: "visit:channel", emptyText: "No visits in this period." },
  { name: "sources", label: "Sources", dimension: "visit:source", emptyText: "No visits in this period." },
  {
    name: "campaigns",
    label: "Campaigns",
    dimension: "visit:utm_campaign",
    emptyText: "No campaigns yet. Links with ?utm_campaign=… show up here.",
    without: [""],
  },
];
const ROWS_MAX = 7;

interface SourcesProps {
  readonly tab: Name;
  readonly onTab: (tab: Name) => void;
  readonly context: PanelContext;
}

/** Where visits come from. */
export function Sources({ tab, onTab, context }: SourcesProps) {
  return (
    <Panel
      title="Sources"
      tabs={TABS}
      selected={tab}
      onSelect={onTab}
      context={context}
      rowsMax={ROWS_MAX}
    />
  );
}
