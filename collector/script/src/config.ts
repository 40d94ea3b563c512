// What the page's script tag says.

export interface Config {
  domain: string;
  api: string;
  allowLocal: boolean;
}

/** The settings in the tag's `data-` attributes; the collector is where the script came from. */
export function readConfig(tag: HTMLScriptElement, location: Location): Config {
  return {
    domain: tag.getAttribute("data-domain") || location.hostname,
    api: tag.getAttribute("data-api") || `${new URL(tag.src, location.href).origin}/api/event`,
    allowLocal: tag.hasAttribute("data-allow-local"),
  };
}

/** Whether a page is a developer's own copy, whose visits nobody wants counted. */
export function isLocal(location: Location): boolean {
  return (
    location.protocol === "file:" ||
    /^localhost$|\.localhost$|^127(\.\d+){3}$|^\[::1\]$|^$/.test(location.hostname)
  );
}
