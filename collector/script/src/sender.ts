// Brings events to the collector: tried again with the same id, handed to the browser at the end.

/** Waits before the second and each further try, in ms; then the event is given up. */
export const RETRY_DELAYS_MS = [1_000, 4_000, 15_000, 60_000];
/** Events that may wait for another try: a page left open offline must not fill memory. */
export const WAITING_MAX = 50;

export class Sender {
  private readonly waiting = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly window: Window & typeof globalThis;
  private readonly api: string;

  constructor(window: Window & typeof globalThis, api: string) {
    this.window = window;
    this.api = api;
    // The last moment a page surely has. Whoever comes back to it (bfcache) goes on as before.
    window.addEventListener("pagehide", () => this.handOver());
  }

  /** Send `body`; a try more for each of RETRY_DELAYS_MS while nobody answers, or with an error. */
  send(body: string, tries = 0): void {
    const again = () => this.retry(body, tries);
    // text/plain needs no preflight; keepalive outlives the page; omit sends no cookie of anybody.
    this.window
      .fetch(this.api, {
        method: "POST",
        body,
        headers: { "content-type": "text/plain" },
        keepalive: true,
        credentials: "omit",
      })
      .then((answer) => {
        if (answer.status === 429 || answer.status >= 500) again();
      }, again);
  }

  private retry(body: string, tries: number): void {
    const delay = RETRY_DELAYS_MS[tries];
    if (delay === undefined || this.waiting.size >= WAITING_MAX) return;
    // Up to half as long again, so that a whole audience does not come back in one moment.
    const wait = delay * (1 + Math.random() / 2);
    this.waiting.set(
      body,
      this.window.setTimeout(() => {
        this.waiting.delete(body);
        this.send(body, tries + 1);
      }, wait) as unknown as ReturnType<typeof setTimeout>,
    );
  }

  /** What still waits is the browser's to bring. */
  private handOver(): void {
    for (const [body, timer] of this.waiting) {
      this.window.clearTimeout(timer as unknown as number);
      this.window.navigator.sendBeacon?.(this.api, body);
    }
    this.waiting.clear();
  }
}
