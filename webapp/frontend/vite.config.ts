import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/**
 * `base` is Django's STATIC_URL; django-vite finds the hashed names through `dist/.vite/manifest.json`.
 * Three entries: `site` is the look alone (log-in and error pages), `main` the dashboard, `docs` the
 * page of the API.
 */
export default defineConfig({
  base: "/static/",
  plugins: [react()],
  css: {
    preprocessorOptions: {
      // Bootstrap 5.3 is still written with @import and the global colour functions.
      scss: {
        quietDeps: true,
        silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"],
      },
    },
  },
  build: {
    manifest: true,
    outDir: "dist",
    target: "es2022",
    rolldownOptions: { input: { main: "src/main.tsx", site: "src/site.ts", docs: "src/docs.ts" } },
  },
  test: {
    environment: "node", // a page is only made for those tests that ask for jsdom
    include: ["tests/**/*.test.{ts,tsx}"],
    restoreMocks: true,
  },
});
