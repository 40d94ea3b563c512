import { Problem } from "../../components/Problem";
import { useLedger } from "../../hooks/useStats";
import { moment } from "../../lib/dates";
import { formatCount } from "../../lib/format";
import { summariseLedger } from "../../lib/ledger";
import type { PeriodParams } from "../../lib/periods";

interface LedgerLineProps {
  readonly domain: string;
  readonly period: PeriodParams;
  readonly timezone: string;
  readonly finalUntil: number | null;
  /** Epoch seconds of the server's clock; null before it spoke. */
  readonly nowS: number | null;
  readonly onShortcuts: () => void;
}

/** The foot: every hit that was accepted is either counted or left out for a reason. */
export function LedgerLine(props: LedgerLineProps) {
  const { domain, period, timezone, finalUntil, nowS, onShortcuts } = props;
  const query = useLedger(domain, period);
  return (
    <footer className="ledger">
      {query.data && <LedgerSums ledger={query.data} />}
      {!query.data && query.error && (
        <Problem what="The ledger" error={query.error} onRetry={() => void query.refetch()} />
      )}
      {!query.data && !query.error && <span className="skeleton skeleton-ledger" />}
      {finalUntil !== null && (
        <span>numbers final up to {moment(finalUntil, nowS ?? finalUntil, timezone)}</span>
      )}
      <span className="only-keyboard">
        press{" "}
        <button type="button" className="key" aria-label="Keyboard shortcuts" onClick={onShortcuts}>
          ?
        </button>{" "}
        for shortcuts
      </span>
    </footer>
  );
}

function LedgerSums({ ledger }: { ledger: Parameters<typeof summariseLedger>[0] }) {
  const { accepted, counted, leftOut, reasons, balanced } = summariseLedger(ledger);
  const sums = (
    <>
      {formatCount(accepted)} accepted {balanced ? "=" : "≠"} {formatCount(counted)} counted +{" "}
      {formatCount(leftOut)} left out
    </>
  );
  const line = (
    <span className={balanced ? "ledger-ok" : "ledger-open"}>
      <span aria-hidden="true">{balanced ? "✓ " : ""}</span>
      {sums}
    </span>
  );
  if (reasons.length === 0) return <span>{line} in this period</span>;
  return (
    <details className="ledger-why">
      <summary title={reasons.map(({ label, count }) => `${formatCount(count)} ${label}`).join("\n")}>
        {line} in this period
      </summary>
      <ul>
        {reasons.map(({ label, count }) => (
          <li key={label}>
            <b>{formatCount(count)}</b> {label}
          </li>
        ))}
        {!balanced && <li>The rest is still on its way through the log.</li>}
      </ul>
    </details>
  );
}
