import { type Theme, THEMES } from "./lib/theme";

/** What the server wrote into the page (`json_script`, id "boot"), checked before it is believed. */

export interface Boot {
  readonly domain: string;
  readonly timezone: string;
  readonly sites: readonly string[];
  readonly email: string;
  readonly initials: string;
  readonly collectorUrl: string;
  readonly isDemo: boolean;
  readonly csrfToken: string;
  /** Null for members; else how somebody sees it who came by a shared link. */
  readonly shared: Shared | null;
}

export interface Shared {
  /** In a frame of another page, which has a head of its own. */
  readonly isEmbedded: boolean;
  /** As the page around it wants it. */
  readonly theme: Theme | null;
}

/** Null where a site is missing: somebody without any. Throws if the page holds no such data. */
export function readBoot(page: Document): Boot | null {
  const text = page.getElementById("boot")?.textContent;
  if (text === undefined) throw new Error("the page came without its data");
  const data = asRecord(JSON.parse(text));
  if (typeof data.domain !== "string" || data.domain === "") return null;
  const user = asRecord(data.user);
  return {
    domain: data.domain,
    timezone: usableTimezone(data.timezone),
    sites: Array.isArray(data.sites) ? data.sites.map(siteDomain).filter((name) => name !== "") : [],
    email: asText(user.email),
    initials: asText(user.initials),
    collectorUrl: asText(data.collectorUrl).replace(/\/+$/, ""),
    isDemo: data.isDemo === true,
    csrfToken: page.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "",
    shared: readShared(data.shared),
  };
}

function readShared(value: unknown): Shared | null {
  if (typeof value !== "object" || value === null) return null;
  const shared = asRecord(value);
  return {
    isEmbedded: shared.isEmbedded === true,
    theme: THEMES.find((theme) => theme === shared.theme) ?? null,
  };
}

/** A zone this browser does not know would throw at every formatted time. */
function usableTimezone(value: unknown): string {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: asText(value) || "UTC" }).resolvedOptions()
      .timeZone;
  } catch {
    return "UTC";
  }
}

function siteDomain(site: unknown): string {
  return asText(asRecord(site).domain);
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
