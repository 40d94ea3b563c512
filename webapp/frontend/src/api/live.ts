/** The live event stream of one site. */

import type { LiveEvent } from "../lib/live";
import { linkPass } from "./client";
import type { Alert, LiveSnapshot } from "./types";

const SILENCE_MS = 15_000; // the server speaks at least every 5 s; three times that is no pause
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 30_000;

/**
 * Listen until the returned function is called.
 *
 * EventSource reconnects by itself only after a dropped connection. It gives up for good on an
 * HTTP error, and never notices a connection that went silent; both are opened anew here, more
 * slowly each time.
 */
export function listenLive(domain: string, hear: (event: LiveEvent) => void): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let retryMs = RETRY_FIRST_MS;

  const reopenIn = (delayMs: number) => {
    clearTimeout(timer);
    timer = setTimeout(open, delayMs);
  };
  const heard = (event: LiveEvent) => {
    retryMs = RETRY_FIRST_MS;
    hear(event);
    clearTimeout(timer);
    timer = setTimeout(fail, SILENCE_MS);
  };
  const fail = () => {
    source?.close();
    hear({ kind: "lost" });
    reopenIn(retryMs);
    retryMs = Math.min(2 * retryMs, RETRY_MAX_MS);
  };
  const open = () => {
    source?.close();
    const search = new URLSearchParams({ site_id: domain, ...linkPass() });
    source = new EventSource(`/api/v1/live/stream?${search.toString()}`);
    source.addEventListener("live", ({ data }: MessageEvent<string>) => {
      heard({ kind: "snapshot", snapshot: JSON.parse(data) as LiveSnapshot, at: nowS() });
    });
    source.addEventListener("alert", ({ data }: MessageEvent<string>) => {
      heard({ kind: "alert", alert: JSON.parse(data) as Alert, at: nowS() });
    });
    source.addEventListener("error", fail);
    clearTimeout(timer);
    timer = setTimeout(fail, SILENCE_MS);
  };

  open();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}

function nowS(): number {
  return Math.floor(Date.now() / 1000);
}
