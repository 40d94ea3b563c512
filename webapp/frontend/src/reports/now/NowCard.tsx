import { useState } from "react";

import { useTween } from "../../hooks/useTween";
import { clock } from "../../lib/dates";
import { formatCount, plural } from "../../lib/format";
import type { LiveState } from "../../lib/live";
import { NowDialog } from "./NowDialog";
import { SpokenCount } from "./SpokenCount";
import { Strip } from "./Strip";

interface NowCardProps {
  readonly live: LiveState;
  readonly timezone: string;
}

/** The first thing the eye meets: how many people are on the site, moving by itself. */
export function NowCard({ live, timezone }: NowCardProps) {
  const [open, setOpen] = useState(false);
  const { snapshot, connection } = live;
  const shown = useTween(snapshot?.current ?? 0);
  const last = snapshot?.minutes.at(-1);
  return (
    <section className="now" aria-label="On the site now">
      <h2 className="now-label">
        <span className={`dot dot-${connection}`} />
        On the site now
        {connection === "lost" && <span className="now-state">reconnecting…</span>}
      </h2>
      {snapshot ? (
        <>
          <p className="now-number" data-testid="current-visitors" aria-hidden="true">
            {formatCount(shown)}
          </p>
          <SpokenCount count={snapshot.current} />
          <p className="now-detail">
            visitors in the last 5 minutes ·{" "}
            <span className="nowrap">{formatCount(snapshot.last_30m)} in 30</span>
          </p>
          <Strip minutes={snapshot.minutes} timezone={timezone} />
          <div className="axis">
            <span>30 min ago</span>
            <button
              type="button"
              className="link-button"
              onClick={() => {
                setOpen(true);
              }}
            >
              Who is where
            </button>
            <span title={last && `${clock(last.minute, timezone)}: ${plural(last.visitors, "visitor")}`}>
              now
            </span>
          </div>
        </>
      ) : (
        <NowSkeleton />
      )}
      {open && snapshot && (
        <NowDialog
          snapshot={snapshot}
          onClose={() => {
            setOpen(false);
          }}
        />
      )}
    </section>
  );
}

function NowSkeleton() {
  return (
    <div className="now-skeleton" role="status">
      <span className="visually-hidden">Loading</span>
      <span className="skeleton skeleton-number" />
      <span className="skeleton skeleton-line" />
      <span className="skeleton skeleton-strip" />
    </div>
  );
}
