/** The invented numbers: drawn from fixed lists, so that a picture of them can be made again. */

import type { Alert, LiveSnapshot } from "../src/api/types";
import { localStamp, shiftStamp } from "../src/lib/dates.ts";

const ZONE = "Europe/Berlin";
const VALUES: Readonly<Record<string, readonly (readonly [string, number])[]>> = {
  "visit:channel": [["Organic Search", 5820], ["Direct", 3311], ["Referral", 1990], ["Organic Social", 1020], ["Email", 480], ["Paid Search", 190]],
  "visit:source": [["Google", 5120], ["", 3311], ["Hacker News", 1904], ["Bing", 702], ["Reddit", 655], ["GitHub", 410], ["lobste.rs", 188], ["duckduckgo.com", 120]],
  "visit:utm_campaign": [["autumn-letter", 402], ["launch", 77]],
  "event:page": [["/blog/tags/puppet", 3922], ["/projects/xdotool/", 2710], ["/presentations/logstash-monitorama-2013/images/redis-and-friends-in-a-very-long-name.html", 1544], ["/articles/dynamic-dns-with-dhcp/", 1203], ["/blog/geekery/ssl-latency.html", 989], ["/", 902], ["/projects/keynav/", 420], ["/blog/productivity/", 310]],
  "visit:country": [["US", 4933], ["DE", 1820], ["GB", 1033], ["FR", 860], ["IN", 744], ["BR", 512], ["", 44]],
  "visit:browser": [["Chrome", 6892], ["Firefox", 2950], ["Safari", 2201], ["Edge", 488], ["Opera", 190], ["Samsung Internet", 126]],
  "visit:os": [["Windows", 5010], ["Linux", 3321], ["macOS", 2440], ["Android", 1300], ["iOS", 776]],
  "visit:device": [["Desktop", 9800], ["Mobile", 2700], ["Tablet", 347]],
};

/** What the API would say to a question. */
export function answer(path: string, params: URLSearchParams): unknown {
  const site = params.get("site_id") ?? "";
  const scale = site === "empty.test" ? 0 : site === "quiet.test" ? 0.004 : 1;
  if (path.endsWith("/aggregate")) return { results: aggregate(scale, params.has("compare")) };
  if (path.endsWith("/timeseries")) return { results: timeseries(params, scale) };
  if (path.endsWith("/breakdown")) return { results: breakdown(params, scale) };
  if (path.endsWith("/ledger")) {
    return { results: { accepted: 48211, counted: 45902, left_out: { bot: 2104, duplicate: 180, no_session: 25 } } };
  }
  return { results: site === "busy.test" ? [{ ...spike(), resolved_at: new Date().toISOString() }] : [] };
}

export function spike(): Alert {
  const minute = nowS() - (nowS() % 60) - 3600;
  const opened_at = new Date(1000 * (minute + 60)).toISOString();
  return { id: 1, opened_at, resolved_at: null, minute, pageviews: 312, threshold: 120 };
}

export function liveSnapshot(site: string): LiveSnapshot {
  const now = nowS();
  const scale = site === "empty.test" ? 0 : site === "quiet.test" ? 0.02 : 1;
  const minutes = Array.from({ length: 30 }, (_, index) => {
    const minute = now - (now % 60) - 60 * (29 - index);
    const share = index === 29 ? (now % 60) / 60 : 1;
    const visitors = Math.round(scale * share * (18 + 22 * Math.abs(Math.sin(minute / 252)) + noise(minute, 12)));
    return { minute, visitors, pageviews: Math.round(1.6 * visitors) };
  });
  const stale = site === "stale.test" ? now - 1260 : null;
  return {
    now,
    current: Math.round(scale * (143 + noise(now, 9) - 4)),
    last_30m: Math.round(scale * 1024),
    minutes,
    pages: [["/blog/tags/puppet", 41], ["/projects/xdotool/", 22], ["/", 9]],
    sources: [["Google", 61], ["", 30], ["Hacker News", 12]],
    countries: [["US", 51], ["DE", 20], ["GB", 9]],
    devices: [["Desktop", 110], ["Mobile", 33]],
    final_until: now - 75,
    stale: { live: null, rollups: stale },
  };
}

function aggregate(scale: number, compare: boolean): unknown {
  const value = (number: number, change: number) => ({ value: number, ...(compare && { change }) });
  return {
    visitors: value(Math.round(12847 * scale), 14),
    visits: value(Math.round(15320 * scale), 11),
    pageviews: value(Math.round(45902 * scale), 18),
    views_per_visit: value(2.99, 6),
    bounce_rate: value(41, -3),
    visit_duration: value(168, 0),
  };
}

function timeseries(params: URLSearchParams, scale: number): unknown[] {
  const interval = params.get("interval");
  const ends = params.get("date")?.split(",");
  const today = localStamp(nowS(), ZONE);
  const period = params.get("period") ?? "";
  const stamps: string[] = [];
  if (interval === "hour") {
    const days = period === "24h" ? 1 : 6;
    const start = `${ends?.[0]?.slice(0, 10) ?? shiftStamp(today, { days: -days }).slice(0, 10)} 00:00:00`;
    const hours = period === "24h" ? 24 : 24 * (days + 1);
    const first = Date.parse(`${start.replace(" ", "T")}Z`) + (period === "24h" ? 3.6e6 * Number(today.slice(11, 13)) : 0);
    for (let hour = 0; hour < hours; hour += 1) {
      stamps.push(new Date(first + 3.6e6 * hour).toISOString().slice(0, 19).replace("T", " "));
    }
  } else {
    const isMonth = interval === "month";
    const count = isMonth ? 12 : 30;
    const last = ends?.[1] ?? today.slice(0, 10);
    for (let back = count - 1; back >= 0; back -= 1) {
      const stamp = shiftStamp(last, isMonth ? { months: -back } : { days: -back });
      stamps.push(isMonth ? `${stamp.slice(0, 7)}-01` : stamp);
    }
  }
  const isPast = ends !== undefined;
  return stamps.map((date) => {
    const hour = Number(date.slice(11, 13));
    const weekend = [0, 6].includes(new Date(date.slice(0, 10)).getUTCDay()) ? 0.72 : 1;
    const day = date.length === 10 ? 1500 : 35 + 120 * Math.max(0, Math.sin(((hour - 5) / 19) * Math.PI));
    const seed = Date.parse(`${date.replace(" ", "T")}Z`) / 3.6e6;
    const visitors = date > today ? 0 : Math.round(scale * weekend * (isPast ? 0.86 : 1) * (day + noise(seed, day / 4)));
    return {
      date,
      visitors,
      visits: Math.round(1.2 * visitors),
      pageviews: 3 * visitors,
      views_per_visit: visitors ? 2.5 + noise(seed, 1) : null,
      bounce_rate: visitors ? 36 + noise(seed, 10) : null,
      visit_duration: visitors ? 150 + noise(seed, 40) : null,
    };
  });
}

function breakdown(params: URLSearchParams, scale: number): unknown[] {
  const property = params.get("property") ?? "";
  const known = VALUES[property] ?? VALUES[property.replace(/visit:(entry|exit)_page/, "event:page")] ?? [];
  const page = Number(params.get("page") ?? "1");
  const limit = Number(params.get("limit") ?? "100");
  return known
    .map(([name, count]) => ({ [property.split(":")[1] ?? ""]: name, visitors: Math.round(count * scale) }))
    .filter(({ visitors }) => visitors !== 0)
    .slice((page - 1) * limit, page * limit);
}

/** From 0 to `size`, always the same for a seed. */
function noise(seed: number, size: number): number {
  const wave = Math.sin(seed * 12.9898) * 43758.5453;
  return (wave - Math.floor(wave)) * size;
}

function nowS(): number {
  return Math.floor(Date.now() / 1000);
}
