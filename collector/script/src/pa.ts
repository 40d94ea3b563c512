// Plausible's snippet of today, `plausible.init(options)` before or after loading, on our script.
import { FILE_TYPES, toPattern } from "./files.ts";
import type { BeforeSend, Config, Event, Options, Props, Track } from "./types.ts";

/** Starts the script with these options, and a console to speak to; the build puts it there. */
declare const start: (tag: { dataset: Config; src: string }, console: object) => void;

interface InitOptions {
  domain?: string;
  endpoint?: string;
  autoCapturePageviews?: boolean;
  hashBasedRouting?: boolean;
  outboundLinks?: boolean;
  fileDownloads?: boolean | { fileExtensions?: string[] };
  formSubmissions?: boolean;
  captureOnLocalhost?: boolean;
  logging?: boolean;
  customProperties?: Props | ((name: string) => Props | undefined);
  transformRequest?: BeforeSend;
}
type Answer = { status?: number; error?: unknown };
type Given = Omit<Options, "callback"> & { callback?: (answer?: Answer) => void };
export type Snippet = ((name: string, options?: Given | null) => void) & {
  q?: Iterable<unknown>[];
  /** Options of an `init` that was called before the script came. */
  o?: InitOptions;
  /** Set once it runs, as pages ask for it. */
  l?: boolean;
  init?: (options?: InitOptions | null) => void;
};

const page = window as unknown as { plausible: Snippet; pawprint?: Track };
// Read now: `init` may come later, when no script is the current one.
const { src, dataset: attributes } = document.currentScript as HTMLScriptElement;

const init = (given?: InitOptions | null): void => {
  const options = given || {};
  const { fileDownloads, customProperties, transformRequest } = options;
  const voice = options.logging === false ? { warn() {} } : console;
  if (page.pawprint?.on) return voice.warn("pawprint twice");
  const types = (fileDownloads as { fileExtensions?: string[] } | undefined)?.fileExtensions;
  const off: string[] = [];
  if (options.outboundLinks === false) off.push("Outbound Link: Click");
  if (fileDownloads === false || types?.length === 0) off.push("File Download");
  if (options.formSubmissions === false) off.push("Form: Submission");

  const named = attributes["beforeSend"];
  // By name it is looked up at each event, as in our own script.
  let hook = named && ((event: Event) => (window[named as never] as unknown as BeforeSend)(event));
  if (typeof transformRequest == "function") hook = transformRequest;

  const { plausible } = page;
  let isByHand = false;
  let seen: Event[] = [];

  const dataset: Config = {
    fileTypes: FILE_TYPES,
    domain: location.hostname.replace(/^www\./, ""),
    ...attributes,
    beforeSend(event) {
      const { n: name, u: url } = event;
      // What is off is so only by itself: the page may still send an event of that name.
      if (!isByHand && off.includes(name)) return null;
      if (name == "engagement") {
        // Of the page it is about, which may be the one before.
        event.p = seen.find((pageview) => pageview.u == url)?.p;
      } else {
        const more = typeof customProperties == "function" ? customProperties(name) : customProperties;
        if (typeof more == "object") event.p = { ...more, ...event.p };
      }
      const sent = hook ? hook(event) : event;
      if (sent && name == "pageview") seen = [sent, ...seen.slice(0, 1)];
      return sent;
    },
  };
  if (types?.length) dataset.fileTypes = toPattern(types);
  if (options.domain) dataset.domain = options.domain;
  if (options.endpoint) dataset.api = options.endpoint;
  if (options.hashBasedRouting) dataset.hash = 1;
  if (options.captureOnLocalhost) dataset.local = 1;
  if (options.autoCapturePageviews === false) dataset.manual = 1;

  const waiting = plausible.q || [];
  delete plausible.q; // else the script sends them past what is below
  start({ dataset, src }, voice);
  const track: Snippet = (name, more) => {
    const { callback, ...rest } = more || {};
    const done = (answer?: Answer) =>
      callback?.(answer && !answer.status ? { error: answer } : answer);
    isByHand = true;
    page.pawprint!(name, { ...rest, callback: done });
    isByHand = false;
  };
  track.l = true;
  track.init = init;
  page.plausible = track;
  for (const call of waiting) track(...(Array.from(call) as Parameters<Snippet>));
};

page.plausible ||= ((...call) => (page.plausible.q ||= []).push(call)) as Snippet;
if (page.plausible.o) init(page.plausible.o);
else page.plausible.init = init;
