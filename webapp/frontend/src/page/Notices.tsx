import { Icon } from "../components/Icon";
import { moment } from "../lib/dates";
import type { Staleness } from "../lib/live";

interface NoticesProps {
  readonly stale: readonly Staleness[];
  readonly timezone: string;
  /** Epoch seconds. */
  readonly nowS: number;
}

const WHAT: Readonly<Record<Staleness["what"], string>> = {
  connection: "The connection is interrupted. The live numbers stand still",
  live: "The live counter is not being fed. It stands still",
  rollups: "The numbers of the period are behind. Nothing is lost; they stand still",
};

/** What one should know before believing the numbers: which of them stand still, since when. */
export function Notices({ stale, timezone, nowS }: NoticesProps) {
  return (
    <div aria-live="polite">
      {stale.map(({ what, since }) => (
        <p key={what} className="notice notice-stale">
          <Icon name="warning" />
          <span>
            {WHAT[what]}
            {since !== null && ` since ${moment(since, nowS, timezone)}`}.
          </span>
        </p>
      ))}
    </div>
  );
}
