// Builds dist/script.js and refuses one that has grown too large for a page to carry.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const GZIP_BYTES_MAX = 2_000;
const outfile = "dist/script.js";

await build({
  entryPoints: ["src/main.ts"],
  outfile,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2019"],
  charset: "utf8",
});

const bytes = gzipSync(readFileSync(outfile), { level: 9 }).length;
console.log(`${outfile}: ${bytes} bytes gzipped`);
if (bytes > GZIP_BYTES_MAX) {
  console.error(`more than ${GZIP_BYTES_MAX} bytes`);
  process.exit(1);
}
