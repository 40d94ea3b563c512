// Which pages and visitors are not counted.
import { config, pathNow } from "./config.ts";

const LOCAL = /^$|^127\.|localhost$|::1/;

/** Whether the path is one of the comma-separated patterns: `*` within a segment, `**` anything. */
const matches = (patterns: string | undefined) =>
  RegExp(
    `^(${`${patterns}`
      .replace(/, */g, "|")
      .replace(/\*+/g, (stars) => (stars[1] ? ".*" : "[^/]*"))})/?$`,
  ).test(pathNow());

/** Whether this visitor asked not to be counted. */
let hasOptedOut = false;
try {
  hasOptedOut = /true/.test(localStorage["pawprint_ignore"] + localStorage["plausible_ignore"]);
} catch {
  // no storage here, so nobody can have set it
}

/** Whether events of this page do not count. */
export const isIgnored = () =>
  (!("local" in config) && LOCAL.test(location.hostname)) ||
  hasOptedOut ||
  (config.include && !matches(config.include)) ||
  matches(config.exclude);
