// What the tag of Plausible's earlier scripts says by attributes that are not `data-`.
import { FILE_TYPES, toPattern } from "./files.ts";
import type { Snippet } from "./pa.ts";
import type { Props } from "./types.ts";

const tag = document.currentScript as HTMLScriptElement;
const { dataset } = tag;
const listed = (name: string) => toPattern(tag.getAttribute(name)?.split(",") || []);

const types = listed("file-types");
const more = listed("add-file-types");
// Where a tag has both, the latter holds there.
if (types) dataset["fileTypes"] = types;
if (more) dataset["fileTypes"] = `${FILE_TYPES}|${more}`;

const customProperties: Props = {};
for (const { name, value } of tag.attributes) {
  if (name.startsWith("event-")) customProperties[name.slice(6)] = value;
}
// These pages call no `init`: as if they had.
const page = window as unknown as { plausible?: Snippet };
page.plausible = Object.assign(page.plausible || {}, { o: { customProperties } }) as Snippet;
