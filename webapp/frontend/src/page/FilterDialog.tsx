import { type SyntheticEvent, useState } from "react";

import type { Scope } from "../api/stats";
import { Dialog } from "../components/Dialog";
import { useBreakdownList } from "../hooks/useStats";
import { useSettled } from "../hooks/useSettled";
import { DIMENSION_NAMES, DIMENSIONS, type DimensionName, valueIcon, valueLabel } from "../lib/dimensions";
import { type Filter, FILTER_VALUES_MAX, type Operator, OPERATOR_LABELS } from "../lib/filters";
import { formatCount } from "../lib/format";

interface FilterDialogProps {
  /** The filter to change; null makes a new one. */
  readonly filter: Filter | null;
  /** The period and the other filters: suggestions are what is left under them. */
  readonly scope: Scope;
  readonly onApply: (filter: Filter) => void;
  readonly onClose: () => void;
}

const OPERATORS = Object.keys(OPERATOR_LABELS) as Operator[];
const TYPING_MS = 250;

/** One filter: on what, how, on which values. The values that exist are there to be ticked. */
export function FilterDialog({ filter, scope, onApply, onClose }: FilterDialogProps) {
  const [dimension, setDimension] = useState<DimensionName>(filter?.dimension ?? "event:page");
  const [operator, setOperator] = useState<Operator>(filter?.operator ?? "is");
  const [values, setValues] = useState<readonly string[]>(filter?.values ?? []);
  const [typed, setTyped] = useState("");
  const contains = operator.startsWith("contains");
  const term = typed.trim();
  const chosen = contains && term !== "" ? [...new Set([...values, term])] : values;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (chosen.length > 0) onApply({ dimension, operator, values: chosen });
  };
  return (
    <Dialog title={filter ? "Change filter" : "Filter"} onClose={onClose}>
      <form className="filter-form" onSubmit={submit}>
        <div className="filter-what">
          <select
            className="form-select"
            aria-label="Filter on"
            value={dimension}
            onChange={(event) => {
              setDimension(event.target.value as DimensionName);
              setValues([]);
              setTyped("");
            }}
          >
            {DIMENSION_NAMES.map((name) => (
              <option key={name} value={name}>
                {DIMENSIONS[name].label}
              </option>
            ))}
          </select>
          <select
            className="form-select"
            aria-label="How"
            value={operator}
            onChange={(event) => {
              const next = event.target.value as Operator;
              if (next.startsWith("contains") !== contains) setValues([]);
              setOperator(next);
            }}
          >
            {OPERATORS.map((name) => (
              <option key={name} value={name}>
                {OPERATOR_LABELS[name]}
              </option>
            ))}
          </select>
        </div>
        <input
          type="text"
          className="form-control"
          aria-label={contains ? "Text" : "Search values"}
          placeholder={contains ? "Part of the value" : "Search"}
          maxLength={200}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
          }}
        />
        {contains ? (
          values.length > 0 && <p className="muted">also: {values.join(", ")}</p>
        ) : (
          <ValueChoice scope={scope} dimension={dimension} term={term} values={values} onValues={setValues} />
        )}
        <div className="form-actions">
          <button type="submit" className="btn btn-primary" disabled={chosen.length === 0}>
            {filter ? "Change filter" : "Add filter"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface ValueChoiceProps {
  readonly scope: Scope;
  readonly dimension: DimensionName;
  readonly term: string;
  readonly values: readonly string[];
  readonly onValues: (values: readonly string[]) => void;
}

function ValueChoice({ scope, dimension, term, values, onValues }: ValueChoiceProps) {
  const list = useBreakdownList(scope, dimension, useSettled(term, TYPING_MS));
  const found = (list.data?.pages[0] ?? []).filter(({ value }) => !values.includes(value));
  const ticked = values.map((value) => ({ value, visitors: null }));
  const options = [...ticked, ...found];
  return (
    <ul className="value-choice" aria-label="Values" aria-busy={list.isFetching}>
      {options.length === 0 && !list.isFetching && (
        <li className="panel-empty">{list.error ? list.error.message : "Nothing in this period."}</li>
      )}
      {options.map(({ value, visitors }) => (
        <li key={value}>
          <label>
            <input
              type="checkbox"
              className="form-check-input"
              checked={values.includes(value)}
              disabled={!values.includes(value) && values.length >= FILTER_VALUES_MAX}
              onChange={(event) => {
                const others = values.filter((other) => other !== value);
                onValues(event.target.checked ? [...others, value] : others);
              }}
            />
            <span>
              {valueIcon(dimension, value)} {valueLabel(dimension, value)}
            </span>
            <b>{visitors === null ? "" : formatCount(visitors)}</b>
          </label>
        </li>
      ))}
    </ul>
  );
}
