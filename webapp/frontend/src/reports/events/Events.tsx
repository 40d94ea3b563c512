import { PAGEVIEW } from "../../lib/dimensions";
import { Panel, type PanelContext, type PanelTab } from "../breakdown/Panel";

const CUSTOM: PanelTab<"custom"> = {
  name: "custom",
  label: "",
  dimension: "event:name",
  emptyText: "No events yet. Clicks on outbound links, downloads, forms and your own appear here.",
  without: [PAGEVIEW],
};
const ROWS_MAX = 5;

/** What visitors did beside looking at pages. */
export function Events({ context }: { readonly context: PanelContext }) {
  return (
    <Panel
      title="Events"
      tabs={[CUSTOM]}
      selected="custom"
      onSelect={stay}
      context={context}
      rowsMax={ROWS_MAX}
    />
  );
}

function stay(): void {
  // There is one tab only.
}
