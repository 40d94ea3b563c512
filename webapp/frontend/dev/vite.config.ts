import react from "@vitejs/plugin-react";
import { defineConfig, mergeConfig } from "vite";

import base from "../vite.config.ts";
import { mockApi } from "./mockApi.ts";

/**
 * `npm run dev`: the dashboard without a server behind it, for work on its look. The site chooses
 * the state on show: /busy.test/, /quiet.test/, /slow.test/ (loading), /empty.test/, /broken.test/
 * (errors), /stale.test/, /spike.test/ (an alert comes), /lost.test/ (no live stream).
 */
export default mergeConfig(
  { ...base, plugins: [] },
  defineConfig({
    root: ".",
    base: "/",
    plugins: [react(), mockApi()],
    server: { host: "127.0.0.1", port: 21300, strictPort: true },
  }),
);
