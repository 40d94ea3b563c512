import type { PanelTabs } from "../../lib/urlState";
import { Panel, type PanelContext, type PanelTab } from "../breakdown/Panel";

type Name = PanelTabs["devices"];

const TABS: readonly [PanelTab<Name>, ...PanelTab<Name>[]] = [
  { name: "browser", label: "Browser", dimension: "visit:browser", emptyText: "No visits in this period." },
  { name: "os", label: "OS", dimension: "visit:os", emptyText: "No visits in this period." },
  { name: "size", label: "Size", dimension: "visit:device", emptyText: "No visits in this period." },
];
const ROWS_MAX = 6;

interface DevicesProps {
  readonly tab: Name;
  readonly onTab: (tab: Name) => void;
  readonly context: PanelContext;
}

/** What visitors use. */
export function Devices({ tab, onTab, context }: DevicesProps) {
  return (
    <Panel
      title="Devices"
      tabs={TABS}
      selected={tab}
      onSelect={onTab}
      context={context}
      rowsMax={ROWS_MAX}
    />
  );
}
