// Builds dist/ and refuses a script that has grown too large for a page to carry.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { bundleAll, GZIP_BYTES_MAX } from "./bundle.ts";

const files = await bundleAll();
mkdirSync("dist", { recursive: true });
const facts = Object.entries(files).map(([name, text]) => {
  writeFileSync(`dist/${name}`, text);
  const gzip = gzipSync(text, { level: 9 }).length;
  const integrity = `sha384-${createHash("sha384").update(text).digest("base64")}`;
  console.log(`dist/${name}: ${gzip} bytes gzipped, integrity ${integrity}`);
  const brotli = brotliCompressSync(text).length;
  return [name, { integrity, bytes: text.length, gzip, brotli }] as const;
});
writeFileSync("dist/script.json", `${JSON.stringify(Object.fromEntries(facts), null, 2)}\n`);
for (const [name, from] of [["index.d.ts", "index.d.ts"], ["types.d.ts", "src/types.ts"]] as const) {
  writeFileSync(`dist/${name}`, readFileSync(from)); // types only, so it is its own declaration
}
for (const [name, limit] of Object.entries(GZIP_BYTES_MAX)) {
  if (Object.fromEntries(facts)[name]!.gzip > limit) {
    console.error(`${name} is more than ${limit} bytes`);
    process.exit(1);
  }
}
