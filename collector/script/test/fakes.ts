// A window small enough to see through: it remembers requests and lets a test move time.
import vm from "node:vm";

export interface Request {
  url: string;
  body: string;
  init: RequestInit;
}

type Fields = Record<string, unknown>;
type Listener = (event: Fields) => void;

export class FakeWindow {
  requests: Request[] = [];
  warnings: unknown[] = [];
  timers: { at: number; run: () => void }[] = [];
  now = 0;
  /** What each request is answered with, in turn; then 202. An Error is a failed connection. */
  answers: (number | Error)[] = [];
  localStorage: Fields | undefined = {};
  innerWidth = 1280;
  innerHeight = 800;
  scrollY = 0;
  readonly window = this;
  readonly location: URL;
  readonly document: Fields & { hidden: boolean; isFocused: boolean };
  readonly navigator: Fields = { onLine: true };
  readonly console = { warn: (...text: unknown[]) => this.warnings.push(...text) };
  readonly performance = { now: () => this.now };
  readonly history = {
    pushState: (_state: unknown, _title: string, path: string) => this.go(path),
    replaceState: (_state: unknown, _title: string, path: string) => this.go(path),
  };
  readonly URL = URL;
  readonly PerformanceObserver: unknown;
  /** Hands entries to the script, as the browser's performance timeline does. */
  observe: (entries: Fields[]) => void = () => {};
  private readonly listeners = new Map<string, Listener[]>();

  constructor(url: string, referrer = "") {
    this.location = new URL(url);
    this.document = {
      referrer,
      hidden: false,
      isFocused: true,
      hasFocus: () => this.document.isFocused,
      documentElement: { scrollHeight: 1600 },
    };
    const page = this;
    this.PerformanceObserver = class {
      static supportedEntryTypes = ["event", "layout-shift", "navigation", "paint", "resource"];
      constructor(seen: (list: unknown) => void) {
        page.observe = (entries) => seen({ getEntries: () => entries });
      }
      observe(): void {}
    };
  }

  /** Run a built file as the page's script tag with these `data-` attributes, and `others`. */
  run(
    code: string,
    dataset: Fields = {},
    src = "https://stats.example.net/js/script.js",
    others: Record<string, string> = {},
  ): this {
    const attributes = Object.entries(others).map(([name, value]) => ({ name, value }));
    const getAttribute = (name: string) => others[name] ?? null;
    this.document["currentScript"] = { dataset, src, attributes, getAttribute };
    vm.runInContext(code, vm.isContext(this) ? this : vm.createContext(this));
    return this;
  }

  call(name: string, ...args: unknown[]): void {
    (this as unknown as Record<string, (...args: unknown[]) => void>)[name]!(...args);
  }

  go(path: string): void {
    this.location.href = new URL(path, this.location).href; // one object, as in a browser
  }

  addEventListener = (name: string, listener: Listener): void => {
    this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener]);
  };

  emit(name: string, event: Fields = {}): void {
    for (const listener of this.listeners.get(name) ?? []) listener({ type: name, ...event });
  }

  fetch = (url: string | URL, init: RequestInit): Promise<{ status: number }> => {
    this.requests.push({ url: String(url), body: String(init.body), init });
    const answer = this.answers.shift() ?? 202;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve({ status: answer });
  };

  setTimeout = (run: () => void, wait: number): void => {
    this.timers.push({ at: this.now + wait, run });
  };

  /** Let answers arrive, then move time on and run what is due. */
  async pass(milliseconds: number): Promise<void> {
    await new Promise((done) => setImmediate(done));
    this.now += milliseconds;
    const due = this.timers.filter((timer) => timer.at <= this.now);
    this.timers = this.timers.filter((timer) => timer.at > this.now);
    for (const timer of due) timer.run();
    await new Promise((done) => setImmediate(done));
  }

  get events(): Fields[] {
    return this.requests.map((request) => JSON.parse(request.body) as Fields);
  }

  get names(): unknown[] {
    return this.events.map((event) => event["n"]);
  }
}

/** An element a visitor clicks, within those of `around`. */
export function element(tagName: string, fields: Fields = {}, ...around: Fields[]): Fields {
  const made: Fields = { tagName, classList: "", ...fields };
  made["closest"] = (selector: string) =>
    [made, ...around].find((each) =>
      selector == "a" ? each["tagName"] == "A" : String(each["classList"]).includes("-event-name"),
    ) ?? null;
  return made;
}

export function link(href: string, fields: Fields = {}): Fields {
  const { host, pathname } = new URL(href);
  return element("A", { href, host, pathname, ...fields });
}
