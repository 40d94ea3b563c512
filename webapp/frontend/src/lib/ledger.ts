/** The foot of the page: accepted = counted + left out, in words. */

import type { Ledger } from "../api/types";

const REASONS: Readonly<Record<string, string>> = {
  bot: "crawlers and other programs",
  prefetch: "fetched ahead, seen by nobody",
  data_centre: "from data centres",
  referrer_spam: "referrer spam",
  hostname: "from other hostnames",
  address: "from excluded addresses",
  country: "from excluded countries",
  page: "on excluded pages",
  excluded: "excluded by a rule",
  rate_limited: "over a rate limit",
  gpc: "opted out (GPC)",
  dnt: "opted out (DNT)",
  clock_ahead: "from a clock that runs ahead",
  duplicate: "sent twice, counted once",
  no_session: "reading time without a visit",
  too_old: "older than 24 hours",
  in_future: "dated in the future",
  over_limit: "larger than a limit",
  malformed: "unreadable",
  unknown_site: "for an unknown site",
  import_out_of_order: "import: sent before, or out of order",
  import_finished: "import: after its end",
  erased: "erased",
};

export interface LedgerReason {
  readonly label: string;
  readonly count: number;
}

export interface LedgerSummary {
  readonly accepted: number;
  readonly counted: number;
  readonly leftOut: number;
  /** Most first. */
  readonly reasons: readonly LedgerReason[];
  /** Whether accepted is indeed the sum of the others. */
  readonly balanced: boolean;
}

export function summariseLedger(
  ledger: Pick<Ledger, "accepted" | "counted" | "left_out">,
): LedgerSummary {
  const reasons = Object.entries(ledger.left_out)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => ({ label: REASONS[reason] ?? reason.replaceAll("_", " "), count }))
    .sort((a, b) => b.count - a.count);
  const leftOut = reasons.reduce((sum, { count }) => sum + count, 0);
  return {
    accepted: ledger.accepted,
    counted: ledger.counted,
    leftOut,
    reasons,
    balanced: ledger.accepted === ledger.counted + leftOut,
  };
}
