import { useId, useState } from "react";

import type { Scope } from "../../api/stats";
import { BarTable } from "../../components/BarTable";
import { Problem } from "../../components/Problem";
import { RowsSkeleton } from "../../components/Skeleton";
import { tabId, Tabs } from "../../components/Tabs";
import { useBreakdown } from "../../hooks/useStats";
import type { DimensionName } from "../../lib/dimensions";
import type { Filter } from "../../lib/filters";
import { AllDialog } from "./AllDialog";

export interface PanelTab<Name extends string> {
  readonly name: Name;
  /** "" for the only one: the title says it. */
  readonly label: string;
  readonly dimension: DimensionName;
  /** What the panel says when there is nothing under this tab. */
  readonly emptyText: string;
  /** Values that are none here: most visits come without a campaign, and that is no campaign. */
  readonly without?: readonly string[];
}

/** What every panel needs of the page. */
export interface PanelContext {
  readonly scope: Scope;
  readonly total: number | null;
  readonly hrefFor: (dimension: DimensionName, value: string) => string;
  readonly onPick: (dimension: DimensionName, value: string) => void;
  readonly pickedIn: (dimension: DimensionName) => ReadonlySet<string>;
}

interface PanelProps<Name extends string> {
  readonly title: string;
  readonly tabs: readonly [PanelTab<Name>, ...PanelTab<Name>[]];
  readonly selected: Name;
  readonly onSelect: (name: Name) => void;
  readonly context: PanelContext;
  readonly rowsMax: number;
}

/** A card of bars with tabs over it, and the way to the whole list. */
export function Panel<Name extends string>(props: PanelProps<Name>) {
  const { title, tabs, selected, onSelect, context, rowsMax } = props;
  const panelId = useId();
  const [listOpen, setListOpen] = useState(false);
  const tab = tabs.find(({ name }) => name === selected) ?? tabs[0];
  const isTabbed = tab.label !== "";
  const scope = scopeOf(context.scope, tab);
  const query = useBreakdown(scope, tab.dimension, rowsMax);
  const { data: rows } = query;
  const { dimension } = tab;
  return (
    <article className="card panel">
      <header>
        <h2>{title}</h2>
        {isTabbed && (
          <Tabs
            label={title}
            className="panel-tabs"
            panelId={panelId}
            selected={tab.name}
            onSelect={onSelect}
            tabs={tabs.map(({ name, label }) => ({ name, face: label }))}
          />
        )}
      </header>
      <div
        id={panelId}
        {...(isTabbed && {
          role: "tabpanel",
          "aria-labelledby": tabId(panelId, tab.name),
        })}
        className={query.isPlaceholderData ? "panel-body is-old" : "panel-body"}
      >
        {!rows && query.error && (
          <Problem what={title} error={query.error} onRetry={() => void query.refetch()} />
        )}
        {!rows && !query.error && <RowsSkeleton rows={rowsMax} />}
        {rows?.length === 0 && <p className="panel-empty">{tab.emptyText}</p>}
        {rows && rows.length > 0 && (
          <BarTable
            dimension={dimension}
            rows={rows}
            total={context.total}
            hrefFor={(value) => context.hrefFor(dimension, value)}
            onPick={(value) => { context.onPick(dimension, value); }}
            picked={context.pickedIn(dimension)}
          />
        )}
      </div>
      {rows && rows.length > 0 && (
        <button type="button" className="more" onClick={() => { setListOpen(true); }}>
          All {listName(title, tab)} →
        </button>
      )}
      {listOpen && (
        <AllDialog
          title={`All ${listName(title, tab)}`}
          dimension={dimension}
          context={{ ...context, scope }}
          onClose={() => { setListOpen(false); }}
        />
      )}
    </article>
  );
}

/** What a tab asks about. */
export function scopeOf(scope: Scope, { dimension, without }: PanelTab<string>): Scope {
  if (!without) return scope;
  const others: Filter = { dimension, operator: "is_not", values: without };
  return { ...scope, filters: [...scope.filters, others] };
}

/** "entry pages", "browsers"; what a list of this tab is a list of. */
function listName(title: string, { label, dimension }: PanelTab<string>): string {
  const words: Partial<Record<DimensionName, string>> = {
    "event:name": "events",
    "event:page": "pages",
    "visit:entry_page": "entry pages",
    "visit:exit_page": "exit pages",
    "visit:browser": "browsers",
    "visit:os": "operating systems",
    "visit:device": "sizes",
  };
  return words[dimension] ?? (label || title).toLowerCase();
}
