/** The one place that fetches. */

import type { Answer, JsonPath, Query } from "./types";

/** What went wrong, for people; `status` is null if no answer came at all. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number | null,
    message: string,
  ) {
    super(message);
  }

  /** Worth asking again without changing the question. */
  get isPassing(): boolean {
    return this.status === null || this.status === 429 || this.status >= 500;
  }

  get isSignedOut(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

/**
 * What the calls of a shared link's page carry; nothing on a member's, where a cookie does it.
 *
 * Also for `EventSource`, which sends no headers of ours.
 */
export function linkPass(): { readonly link?: string } {
  const link = document.querySelector<HTMLMetaElement>("meta[name=shared-link]")?.content;
  return link ? { link } : {};
}

const TIMEOUT_MS = 30_000; // the API's own limit on a question is lower

/** GET of JSON. Rejects with `ApiError`, or with the signal's reason when superseded. */
export async function getJson<Path extends JsonPath>(
  path: Path,
  params: Query<Path>,
  signal: AbortSignal,
): Promise<Answer<Path>> {
  const search = new URLSearchParams(
    Object.entries({ ...params, ...linkPass() }).map(([name, value]) => [name, String(value)]),
  );
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  let response: Response;
  try {
    response = await fetch(`${path}?${search.toString()}`, {
      headers: { Accept: "application/json" },
      credentials: "same-origin",
      signal: AbortSignal.any([signal, timeout]),
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ApiError(
      null,
      timeout.aborted ? "The server took longer than 30 seconds." : "The server cannot be reached.",
    );
  }
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw new ApiError(response.status, errorText(response.status, body));
  return body as Answer<Path>;
}

function errorText(status: number, body: unknown): string {
  if (status === 401 && linkPass().link) return "This link does not hold any more. Load the page again.";
  if (status === 401 || status === 403) return "You are signed out, or may not see this site.";
  if (typeof body === "object" && body !== null && "error" in body) {
    if (typeof body.error === "string" && body.error !== "") return body.error;
  }
  return `The server answered with an error (${String(status)}).`;
}
