/**
 * Filters, as the page holds them and as the API and the address bar write them.
 *
 * Examples: `visit:device==Desktop`, `visit:country!=DE|AT`, `event:page==*\/blog*` (contains).
 * A backslash takes the meaning from `|`, `;`, `*` and itself.
 */

import { DIMENSIONS, type DimensionName, isDimension, valueLabel } from "./dimensions";
import { countriesNamed, countriesNotNamed } from "./places";

export type Operator = "is" | "is_not" | "contains" | "contains_not";

export interface Filter {
  readonly dimension: DimensionName;
  readonly operator: Operator;
  readonly values: readonly string[];
}

export const OPERATOR_LABELS: Readonly<Record<Operator, string>> = {
  is: "is",
  is_not: "is not",
  contains: "contains",
  contains_not: "does not contain",
};

const FILTERS_MAX = 20; // the API's own limit
export const FILTER_VALUES_MAX = 200; // of one filter, likewise

/** One filter -> `visit:country!=DE|AT`. */
export function writeFilter({ dimension, operator, values }: Filter): string {
  const star = operator.startsWith("contains") ? "*" : "";
  const texts = values.map((value) => star + escape(value) + star);
  return `${dimension}${operator.endsWith("_not") ? "!=" : "=="}${texts.join("|")}`;
}

/** The reverse of `writeFilter`; null for anything else. */
export function readFilter(text: string): Filter | null {
  const match = /^([a-z]+:[a-z_]+)(==|!=)([\s\S]*)$/.exec(text);
  const [, dimension, sign, rest] = match ?? [];
  if (dimension === undefined || rest === undefined || !isDimension(dimension)) return null;
  const texts = splitUnescaped(rest);
  const contains = texts.every((value) => /^\*[\s\S]+\*$/.test(value) && !endsEscaped(value));
  const negated = sign === "!=";
  return {
    dimension,
    operator: contains ? (negated ? "contains_not" : "contains") : negated ? "is_not" : "is",
    values: texts.map((value) => unescape(contains ? value.slice(1, -1) : value)),
  };
}

/** All filters as the API's one parameter. */
export function writeFilters(filters: readonly Filter[]): string {
  return filters.map(writeFilter).join(";");
}

/** Those of an address that can be read, none twice. */
export function readFilters(texts: readonly string[]): Filter[] {
  const seen = new Set<string>();
  return texts
    .map(readFilter)
    .filter((filter): filter is Filter => filter !== null)
    .filter((filter) => {
      const text = writeFilter(filter);
      return !seen.has(text) && seen.add(text);
    })
    .slice(0, FILTERS_MAX);
}

/** A click on a row: filters on its value, or lets go of it if it was filtered on already. */
export function toggleValue(
  filters: readonly Filter[],
  dimension: DimensionName,
  value: string,
): Filter[] {
  const clicked: Filter = { dimension, operator: "is", values: [value] };
  const others = filters.filter((filter) => writeFilter(filter) !== writeFilter(clicked));
  return others.length < filters.length ? others : addFilter(filters, clicked);
}

/** With `added`, which takes the place of one on the same dimension with the same operator. */
export function addFilter(filters: readonly Filter[], added: Filter): Filter[] {
  const kept = filters.filter(
    ({ dimension, operator }) => dimension !== added.dimension || operator !== added.operator,
  );
  return [...kept, added].slice(-FILTERS_MAX);
}

/** "Device", "is", "Desktop or Mobile". */
export function describeFilter({ dimension, operator, values }: Filter): [string, string, string] {
  const names = values.map((value) =>
    operator.startsWith("contains") ? value : valueLabel(dimension, value),
  );
  return [DIMENSIONS[dimension].label, OPERATOR_LABELS[operator], names.join(" or ")];
}

/**
 * What a search in a list asks the API: names of countries are known only here, so they become
 * codes; everything else is searched for by the server. Null: nothing can match.
 */
export function searchFilter(dimension: DimensionName, term: string): Filter | null {
  if (dimension !== "visit:country") return { dimension, operator: "contains", values: [term] };
  const codes = countriesNamed(term);
  if (codes.length === 0) return null;
  if (codes.length <= FILTER_VALUES_MAX) return { dimension, operator: "is", values: codes };
  return { dimension, operator: "is_not", values: ["", ...countriesNotNamed(term)] };
}

function escape(value: string): string {
  return value.replace(/[\\|;*]/g, "\\$&");
}

function unescape(text: string): string {
  return text.replace(/\\([\\|;*])/g, "$1");
}

/** Split at every `|` that no backslash stands before. */
function splitUnescaped(text: string): string[] {
  const values: string[] = [];
  let value = "";
  for (const [token] of text.matchAll(/\\[\s\S]|[\s\S]/g)) {
    if (token === "|") {
      values.push(value);
      value = "";
    } else {
      value += token;
    }
  }
  return [...values, value];
}

/** True if the last character is meant literally. */
function endsEscaped(text: string): boolean {
  return (/(\\*).$/s.exec(text)?.[1]?.length ?? 0) % 2 === 1;
}
