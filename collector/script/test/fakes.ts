// A window small enough to see through: it remembers requests and lets a test move time.
import { webcrypto } from "node:crypto";

export interface Request {
  url: string;
  body: string;
  init: RequestInit;
}

type Listener = (event: { persisted?: boolean }) => void;

export class FakeWindow {
  requests: Request[] = [];
  beacons: { url: string; body: string }[] = [];
  warnings: string[] = [];
  timers = new Map<number, { at: number; run: () => void }>();
  now = 0;
  /** What each request is answered with, in turn; then 202. An Error is a failed connection. */
  answers: (number | Error)[] = [];
  pawprint: unknown;
  readonly location: URL;
  document: { referrer: string; visibilityState: string } & ReturnType<typeof listeners>;
  navigator = { sendBeacon: (url: string, body: string) => this.beacons.push({ url, body }) > 0 };
  console = { warn: (text: string) => this.warnings.push(text) };
  crypto = webcrypto;
  history = {
    pushState: (_state: unknown, _title: string, path: string) => this.go(path),
    replaceState: (_state: unknown, _title: string, path: string) => this.go(path),
  };
  private readonly own = listeners();
  addEventListener = this.own.addEventListener;
  emit = this.own.emit;
  private timerId = 0;

  constructor(url: string, referrer = "") {
    this.location = new URL(url);
    this.document = { referrer, visibilityState: "visible", ...listeners() };
  }

  go(path: string): void {
    this.location.href = new URL(path, this.location).href; // one object, as in a browser
  }

  fetch = (url: string, init: RequestInit): Promise<{ status: number }> => {
    this.requests.push({ url, body: String(init.body), init });
    const answer = this.answers.shift() ?? 202;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve({ status: answer });
  };

  setTimeout = (run: () => void, wait: number): number => {
    this.timers.set(++this.timerId, { at: this.now + wait, run });
    return this.timerId;
  };

  clearTimeout = (id: number): void => {
    this.timers.delete(id);
  };

  /** Let answers arrive, then move time on and run what is due. */
  async pass(milliseconds: number): Promise<void> {
    await new Promise((done) => setImmediate(done));
    this.now += milliseconds;
    for (const [id, timer] of [...this.timers]) {
      if (timer.at > this.now) continue;
      this.timers.delete(id);
      timer.run();
    }
    await new Promise((done) => setImmediate(done));
  }

  get events(): Record<string, unknown>[] {
    return this.requests.map((request) => JSON.parse(request.body) as Record<string, unknown>);
  }

  asWindow(): Window & typeof globalThis {
    return this as unknown as Window & typeof globalThis;
  }
}

function listeners() {
  const byName = new Map<string, Listener[]>();
  return {
    addEventListener: (name: string, listener: Listener) => {
      byName.set(name, [...(byName.get(name) ?? []), listener]);
    },
    removeEventListener: (name: string, listener: Listener) => {
      byName.set(name, (byName.get(name) ?? []).filter((each) => each !== listener));
    },
    emit: (name: string, event: { persisted?: boolean } = {}) => {
      for (const listener of byName.get(name) ?? []) listener(event);
    },
  };
}

/** A script tag with these attributes. */
export function tag(attributes: Record<string, string> = {}): HTMLScriptElement {
  return {
    src: "https://stats.example.net/js/script.js",
    getAttribute: (name: string) => attributes[name] ?? null,
    hasAttribute: (name: string) => name in attributes,
  } as unknown as HTMLScriptElement;
}
