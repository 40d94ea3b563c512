// The npm package's types.
import type { Config, Track } from "./types";

export type { BeforeSend, Config, Event, Options, Props, Revenue, Timings, Track } from "./types";

/**
 * Start counting in a browser; once: later calls change nothing. Without `api` events go to
 * `/api/event` of the page's own host.
 */
export function init(config?: Config): Track;

/** Send an event of your own, after `init`. */
export const track: Track;
