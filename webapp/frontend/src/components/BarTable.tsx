import type { BreakdownRow } from "../api/types";
import { DIMENSIONS, type DimensionName, valueIcon, valueLabel } from "../lib/dimensions";
import { formatCount, formatShare } from "../lib/format";

interface BarTableProps {
  readonly dimension: DimensionName;
  readonly rows: readonly BreakdownRow[];
  /** All visitors of the period; what a share is of. Null while it is not known. */
  readonly total: number | null;
  /** The address with a row's value as a filter, and the way there without a reload. */
  readonly hrefFor: (value: string) => string;
  readonly onPick: (value: string) => void;
  /** Values that are filtered on already. */
  readonly picked: ReadonlySet<string>;
}

/** A row is a bar: a table of values whose length says what the numbers say. */
export function BarTable({ dimension, rows, total, hrefFor, onPick, picked }: BarTableProps) {
  const highest = Math.max(1, ...rows.map(({ visitors }) => visitors));
  return (
    <table className="bars">
      <thead>
        <tr>
          <th scope="col">{DIMENSIONS[dimension].label}</th>
          <th scope="col">Visitors</th>
          <th scope="col" className="pct">
            <span className="visually-hidden">Share</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ value, visitors }) => {
          const label = valueLabel(dimension, value);
          const icon = valueIcon(dimension, value);
          return (
            <tr key={value}>
              <td className="row-label">
                <span className="bar" style={{ width: `${String((100 * visitors) / highest)}%` }} />
                <a
                  href={hrefFor(value)}
                  title={picked.has(value) ? `${label}: remove this filter` : label}
                  aria-current={picked.has(value) ? "true" : undefined}
                  onClick={(event) => {
                    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                    event.preventDefault();
                    onPick(value);
                  }}
                >
                  {icon !== "" && (
                    <span className="flag" aria-hidden="true">
                      {icon}
                    </span>
                  )}
                  {label}
                </a>
              </td>
              <td className="num">{formatCount(visitors)}</td>
              <td className="pct">{total === null ? "" : formatShare(visitors, total)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
