// Makes what is shipped from the sources: one body of code, put to use in five ways.
import { build } from "esbuild";
import { minify } from "terser";

/** File -> its gzipped bytes at most: what a page can carry without noticing. */
export const GZIP_BYTES_MAX = { "script.js": 2_048, "pa.js": 2_816, "legacy.js": 3_072 };

// The body reads `tag` for its options and address; a second script on a page stays away.
const script = (body: string) =>
  `window.pawprint?.on?console.warn("pawprint twice"):(tag=>{${body}})(document.currentScript)`;

const panelbear = (body: string, client: string) =>
  `(()=>{const start=tag=>{window.pawprint?.on||(()=>{${body}})()};${client}})()`;

// `console` is the body's own, so that a page can silence it.
const pa = (body: string, client: string) =>
  `(()=>{const start=(tag,console)=>{${body}};${client}})()`;

// A flag is on when it is there at all, so one that is false must not be.
const library = (body: string) =>
  `export const init=given=>{` +
  `if(!window.pawprint?.on){` +
  `const tag={dataset:Object.fromEntries(Object.entries(given||{}).filter(([,value])=>value)),src:location.href};` +
  `(()=>{${body}})()}return window.pawprint};` +
  `export const track=(...call)=>window.pawprint(...call);`;

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2021",
    charset: "utf8",
    tsconfigRaw: { compilerOptions: { alwaysStrict: false } },
  });
  return outputFiles[0]!.text;
}

async function small(code: string, isModule = false): Promise<string> {
  const result = await minify(code, {
    ecma: 2020,
    module: isModule,
    compress: {
      passes: 4,
      toplevel: true,
      pure_getters: true,
      unsafe: true,
      unsafe_arrows: true,
      keep_fargs: false,
    },
    mangle: { toplevel: true },
  });
  return result.code!;
}

/** File name in `dist` -> its content. */
export async function bundleAll(): Promise<Record<string, string>> {
  const [body, panelbearClient, paClient, legacyClient] = await Promise.all([
    bundle("src/main.ts"),
    bundle("src/panelbear.ts"),
    bundle("src/pa.ts"),
    bundle("src/legacy.ts"),
  ]);
  return {
    "script.js": await small(script(body)),
    "analytics.js": await small(panelbear(body, panelbearClient)),
    "pa.js": await small(pa(body, paClient)),
    "legacy.js": await small(pa(body, legacyClient)),
    "index.js": await small(library(body), true),
  };
}
