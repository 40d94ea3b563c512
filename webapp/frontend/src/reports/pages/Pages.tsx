import type { PanelTabs } from "../../lib/urlState";
import { Panel, type PanelContext, type PanelTab } from "../breakdown/Panel";

type Name = PanelTabs["pages"];

const TABS: readonly [PanelTab<Name>, ...PanelTab<Name>[]] = [
  { name: "top", label: "Top", dimension: "event:page", emptyText: "No pageviews in this period." },
  { name: "entry", label: "Entry", dimension: "visit:entry_page", emptyText: "No visits in this period." },
  { name: "exit", label: "Exit", dimension: "visit:exit_page", emptyText: "No visits in this period." },
];
const ROWS_MAX = 7;

interface PagesProps {
  readonly tab: Name;
  readonly onTab: (tab: Name) => void;
  readonly context: PanelContext;
}

/** What is looked at, where visits begin and where they end. */
export function Pages({ tab, onTab, context }: PagesProps) {
  return (
    <Panel
      title="Pages"
      tabs={TABS}
      selected={tab}
      onSelect={onTab}
      context={context}
      rowsMax={ROWS_MAX}
    />
  );
}
