/** What numbers can be broken down by and filtered on, as the API names it and as people read it. */

import { countryName, flag } from "./places";

export const DIMENSIONS = {
  "visit:channel": { label: "Channel", blank: "Direct" },
  "visit:source": { label: "Source", blank: "Direct / None" },
  "visit:utm_campaign": { label: "Campaign", blank: "(not set)" },
  "visit:utm_medium": { label: "Medium", blank: "(not set)" },
  "event:name": { label: "Event", blank: "(not set)" },
  "event:page": { label: "Page", blank: "(not set)" },
  "visit:entry_page": { label: "Entry page", blank: "(not set)" },
  "visit:exit_page": { label: "Exit page", blank: "(not set)" },
  "event:hostname": { label: "Host name", blank: "(not set)" },
  "visit:country": { label: "Country", blank: "Unknown" },
  "visit:region": { label: "Region", blank: "Unknown" },
  "visit:city": { label: "City", blank: "Unknown" },
  "visit:browser": { label: "Browser", blank: "Unknown" },
  "visit:os": { label: "Operating system", blank: "Unknown" },
  "visit:device": { label: "Device", blank: "Unknown" },
} as const satisfies Record<string, { label: string; blank: string }>;

/** The event that is a look at a page. */
export const PAGEVIEW = "pageview";

export type DimensionName = keyof typeof DIMENSIONS;

export const DIMENSION_NAMES = Object.keys(DIMENSIONS) as DimensionName[];

export function isDimension(name: string): name is DimensionName {
  return Object.hasOwn(DIMENSIONS, name);
}

/** The key of a breakdown row: the property without its prefix. */
export function resultKey(dimension: DimensionName): string {
  return dimension.slice(dimension.indexOf(":") + 1);
}

/** A value as people read it: a country's name for its code, words for a blank. */
export function valueLabel(dimension: DimensionName, value: string): string {
  if (value === "") return DIMENSIONS[dimension].blank;
  return dimension === "visit:country" ? countryName(value) : value;
}

/** What stands before the label, if anything: a flag. */
export function valueIcon(dimension: DimensionName, value: string): string {
  return dimension === "visit:country" ? flag(value) : "";
}
