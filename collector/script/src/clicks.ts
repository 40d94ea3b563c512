// Events of their own accord: links that lead away, downloads, forms, elements tagged by a class.
import { config, on } from "./config.ts";
import { track } from "./track.ts";
import type { Revenue } from "./types.ts";

const FILE_TYPES =
  "pdf|xlsx?|docx?|pptx?|txt|csv|exe|dmg|7z|rar|gz|zip|mov|mp[34]";

/** What classes as `pawprint-event-name=Sign+up` say: name, props, and amount and currency. */
const readTags = (element: Element) => {
  const found: Record<string, string> = {};
  const tags = /-(?:event|revenue)-(.+?)(?:=|--)(\S+)/g;
  for (const [, key, value] of `${element.classList}`.matchAll(tags)) {
    found[key!] = value!.replace(/\+/g, " ");
  }
  return found;
};

interface Click extends MouseEvent {
  target: HTMLElement;
}

const isFile = RegExp(`\\.(${config.fileTypes || FILE_TYPES})$`, "i");

on("click auxclick submit", (event) => {
  const { target, type, button } = event as Click;
  const isForm = type == "submit";
  const link = target.closest?.<HTMLAnchorElement>("a");
  const tagged = target.closest?.("[class*=-event-name]");
  const url = link?.href!;
  if (button == 2) return;
  if (tagged && isForm == (tagged.tagName == "FORM")) {
    const { name, ...props } = readTags(tagged);
    // The collector reads amount and currency of it, and leaves it when there are none.
    track(name!, { props: { url, ...props }, revenue: props as unknown as Revenue });
  } else if (isForm) track("Form: Submission");
  else if (link?.host) {
    if (isFile.test(link.pathname)) track("File Download", { props: { url: url.split("?")[0]! } });
    else if (link.host != location.host) track("Outbound Link: Click", { props: { url } });
  }
});
