// Panelbear's own client API, `panelbear('config' | 'track' | 'trackPageview', ...)`, on our script.
import type { BeforeSend, Config } from "./types.ts";

/** Starts the script with these options, once; the build puts it there. */
declare const start: (tag: { dataset: Config; src: string }) => void;

interface Options {
  site?: string;
  debug?: boolean;
  enabled?: boolean;
  beforeSend?: BeforeSend;
  analyticsHost?: string;
  honorDNT?: boolean;
  autoTrack?: boolean;
  spaMode?: "history" | "off";
  includeURLFragment?: boolean;
}
type Call = [string, (string | Options)?];
type Panelbear = ((...call: Call) => void) & { q?: Call[] };

const page = window as unknown as { panelbear?: Panelbear; panelbearQ?: Call[] };
const { src } = document.currentScript as HTMLScriptElement;
const waiting = [...(page.panelbear?.q || []), ...(page.panelbearQ || [])].map(
  (call) => Array.from(call) as unknown as Call,
);
let isSilent = false;

function configure(options: Options): void {
  const dnt = navigator.doNotTrack == "1" || "globalPrivacyControl" in navigator && navigator.globalPrivacyControl;
  isSilent = options.enabled === false || !!(options.honorDNT && dnt);
  if (isSilent) return;
  const dataset: Config = {};
  const site = options.site || new URL(src).searchParams.get("site");
  if (site) dataset.domain = site;
  if (options.analyticsHost) dataset.api = `${new URL(options.analyticsHost, src).origin}/api/event`;
  if (options.beforeSend) dataset.beforeSend = options.beforeSend;
  if (options.includeURLFragment) dataset.hash = 1;
  if (options.debug) dataset.local = 1;
  const isManual = options.autoTrack === false || options.spaMode == "off";
  if (isManual) dataset.manual = 1;
  start({ dataset, src });
  if (isManual && options.autoTrack !== false) window.pawprint!("pageview");
}

page.panelbear = (command, argument) => {
  if (command == "config") configure(argument as Options);
  else if (!isSilent && window.pawprint?.on) {
    if (command == "track") window.pawprint(String(argument));
    if (command == "trackPageview") window.pawprint("pageview");
  }
};
// Options first: events wait for them, and a page that gives none has them in the script's address.
if (!waiting.some(([command]) => command == "config")) configure({});
waiting.sort(([a], [b]) => Number(b == "config") - Number(a == "config"));
for (const call of waiting) page.panelbear(...call);
