import { useDeferredValue, useState } from "react";

import { BarTable } from "../../components/BarTable";
import { Dialog } from "../../components/Dialog";
import { Icon } from "../../components/Icon";
import { Problem } from "../../components/Problem";
import { RowsSkeleton } from "../../components/Skeleton";
import { useBreakdownList } from "../../hooks/useStats";
import { useSettled } from "../../hooks/useSettled";
import { DIMENSIONS, type DimensionName } from "../../lib/dimensions";
import type { PanelContext } from "./Panel";

interface AllDialogProps {
  readonly title: string;
  readonly dimension: DimensionName;
  readonly context: PanelContext;
  readonly onClose: () => void;
}

const TYPING_MS = 250;
const TERM_MAX = 200; // characters

/** The whole list of a panel: searched by the server, a hundred rows at a time. */
export function AllDialog({ title, dimension, context, onClose }: AllDialogProps) {
  const [typed, setTyped] = useState("");
  const term = useSettled(typed.trim(), TYPING_MS);
  const list = useBreakdownList(context.scope, dimension, term);
  const rows = useDeferredValue(list.data?.pages.flat());
  return (
    <Dialog title={title} onClose={onClose} wide>
      <label className="search">
        <Icon name="search" />
        <span className="visually-hidden">Search</span>
        <input
          type="search"
          className="form-control"
          placeholder={`Search ${DIMENSIONS[dimension].label.toLowerCase()}`}
          maxLength={TERM_MAX}
          value={typed}
          onChange={(event) => { setTyped(event.target.value); }}
        />
      </label>
      <div className="sheet-list" aria-busy={list.isFetching}>
        {!rows && list.error && (
          <Problem what="This list" error={list.error} onRetry={() => void list.refetch()} />
        )}
        {!rows && !list.error && <RowsSkeleton rows={12} />}
        {rows?.length === 0 && (
          <p className="panel-empty" role="status">
            {term === "" ? "Nothing in this period." : `Nothing with “${term}” in this period.`}
          </p>
        )}
        {rows && rows.length > 0 && (
          <BarTable
            dimension={dimension}
            rows={rows}
            total={context.total}
            hrefFor={(value) => context.hrefFor(dimension, value)}
            onPick={(value) => {
              onClose();
              context.onPick(dimension, value);
            }}
            picked={context.pickedIn(dimension)}
          />
        )}
        {list.hasNextPage && (
          <button
            type="button"
            className="btn more-rows"
            disabled={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            {list.isFetchingNextPage ? "Loading…" : "100 more"}
          </button>
        )}
      </div>
    </Dialog>
  );
}
