/** An API of invented numbers for work on the look. Nothing of it is in the build. */

import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";

import type { Plugin } from "vite";

import { answer, liveSnapshot, spike } from "./mockNumbers.ts";

const TICK_MS = 1_000;

/** Serves the page under every site's address, the API and the live stream. */
export function mockApi(): Plugin {
  return {
    name: "mock-api",
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const url = new URL(request.url ?? "/", "http://localhost");
        const site = url.searchParams.get("site_id") ?? "";
        if (url.pathname === "/api/v1/live/stream") {
          stream(request, response, site);
        } else if (url.pathname.startsWith("/api/v1/")) {
          void reply(response, site, url);
        } else if (url.pathname.startsWith("/static/pawprint/")) {
          sendFile(response, url.pathname.slice(1));
        } else if (/^\/[a-z]+\.test\/$/.test(url.pathname)) {
          void server.transformIndexHtml(url.pathname, page(url.pathname.slice(1, -1))).then((html) => {
            response.setHeader("Content-Type", "text/html").end(html);
          });
        } else {
          next();
        }
      });
    },
  };
}

function page(domain: string): string {
  const boot = {
    domain,
    timezone: "Europe/Berlin",
    sites: ["busy.test", "quiet.test", "empty.test"].map((name) => ({ domain: name })),
    user: { email: "ada.lovelace@example.org", initials: "AL" },
    collectorUrl: "https://collect.example.org",
    isDemo: domain === "busy.test",
  };
  return `<!doctype html><html lang="en" data-bs-theme="light"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="csrf-token" content="none"><title>${domain} · Pawprint</title>
    <script src="/static/pawprint/theme.js"></script>
    <script type="module" src="/src/site.ts"></script></head>
    <body><script id="boot" type="application/json">${JSON.stringify(boot)}</script>
    <div id="root"></div><script type="module" src="/src/main.tsx"></script></body></html>`;
}

async function reply(response: ServerResponse, site: string, url: URL): Promise<void> {
  if (site === "slow.test") await new Promise((resolve) => setTimeout(resolve, 20_000));
  response.setHeader("Content-Type", "application/json");
  if (site === "broken.test") {
    response.writeHead(503).end(JSON.stringify({ error: "The rollup store does not answer." }));
    return;
  }
  response.end(JSON.stringify(answer(url.pathname, url.searchParams)));
}

function stream(request: IncomingMessage, response: ServerResponse, site: string): void {
  if (site === "lost.test" || site === "slow.test") {
    response.writeHead(site === "slow.test" ? 200 : 503, { "Content-Type": "text/event-stream" });
    if (site === "lost.test") response.end();
    return;
  }
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  const send = (event: string, data: unknown) =>
    response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  send("live", liveSnapshot(site));
  if (site === "spike.test") send("alert", spike());
  const timer = setInterval(() => send("live", liveSnapshot(site)), TICK_MS);
  request.on("close", () => {
    clearInterval(timer);
  });
}

function sendFile(response: ServerResponse, path: string): void {
  const type = path.endsWith(".js") ? "text/javascript" : "image/svg+xml";
  response.setHeader("Content-Type", type).end(readFileSync(`../${path}`));
}
