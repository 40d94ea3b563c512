import { useState } from "react";

import { Icon } from "../components/Icon";
import { Paw } from "../components/Paw";

interface EmptySiteProps {
  readonly domain: string;
  readonly collectorUrl: string;
  readonly listening: boolean;
  /** Whoever sees it cannot change the pages. */
  readonly isShared: boolean;
}

/** A site that was never visited: what will be here, and the one line that makes it so. */
export function EmptySite({ domain, collectorUrl, listening, isShared }: EmptySiteProps) {
  const snippet = `<script defer data-domain="${domain}" src="${collectorUrl}/js/script.js"></script>`;
  return (
    <section className="card empty-site">
      <Paw size={44} />
      <h2>No hits yet</h2>
      {!isShared && (
        <>
          <p>
            Paste this line into the <code>&lt;head&gt;</code> of every page of {domain}. It sets no
            cookie and stores nothing in the browser.
          </p>
          <div className="snippet">
            <code>{snippet}</code>
            <CopyButton text={snippet} />
          </div>
        </>
      )}
      <p className="empty-wait" role="status">
        <span className={listening ? "dot dot-open" : "dot dot-connecting"} />
        {listening
          ? "Waiting for the first visitor. This page changes by itself."
          : "Connecting…"}
      </p>
    </section>
  );
}

function CopyButton({ text }: { text: string }) {
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  const faces = { idle: "Copy", copied: "Copied", failed: "Press Ctrl+C" };
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState("copied");
    } catch {
      setState("failed"); // no clipboard without HTTPS: the line can still be selected
    }
  };
  return (
    <button type="button" className="btn" onClick={() => void copy()}>
      <Icon name={state === "copied" ? "check" : "copy"} size={14} />
      <span aria-live="polite">{faces[state]}</span>
    </button>
  );
}
