// Brings events to the collector: tried again with the same id, handed to the browser at the end.
import { config, on, src } from "./config.ts";
import type { Options } from "./types.ts";

/** Tries after the first one; the waits before them grow fourfold from a second. */
const RETRIES_MAX = 5;
/** Events that may wait for another try: a page left open offline must not fill memory. */
const WAITING_MAX = 50;

const api = config.api || new URL("/api/event", src);
let waiting = 0;

/** Send a body now, or as soon as somebody takes it. */
export const send = async (body: string, done?: Options["callback"], tries = 0): Promise<void> => {
  const answer = await fetch(api, {
    method: "POST",
    body, // as text, which needs no preflight
    keepalive: true, // outlives the page
    credentials: "omit", // no cookie of anybody
  }).catch((error: Partial<Response>) => error);
  done?.(answer);
  // Nobody answered, too many requests, or an error of the server's.
  if (!(answer.status! < 429) && tries < RETRIES_MAX && waiting < WAITING_MAX) {
    waiting++;
    await new Promise((again) => {
      // pagehide is the last moment a page surely has.
      on("online pagehide", again);
      // Up to twice as long, so that a whole audience does not come back in one moment. Being
      // offline costs no tries: the browser says when it is back.
      if (navigator.onLine) setTimeout(again, 1e3 * 4 ** tries * (1 + Math.random()));
    });
    waiting--;
    send(body, undefined, tries + 1);
  }
};
