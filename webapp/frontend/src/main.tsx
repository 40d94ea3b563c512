import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { readBoot } from "./boot";
import { makeQueryClient } from "./hooks/useStats";
import { Dashboard } from "./page/Dashboard";

const boot = readBoot(document);
const root = document.getElementById("root");
// Without a site the server's own words, in the template, stay.
if (boot && root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={makeQueryClient()}>
        <Dashboard boot={boot} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
