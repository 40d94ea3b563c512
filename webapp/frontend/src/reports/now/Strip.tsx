import type { LiveMinute } from "../../api/types";
import { clock } from "../../lib/dates";
import { plural } from "../../lib/format";

interface StripProps {
  readonly minutes: readonly LiveMinute[];
  readonly timezone: string;
}

/** The last 30 minutes, one bar each, the running one in honey. */
export function Strip({ minutes, timezone }: StripProps) {
  const highest = Math.max(1, ...minutes.map(({ visitors }) => visitors));
  const peak = minutes.reduce((sum, { pageviews }) => sum + pageviews, 0);
  return (
    <div
      className="strip"
      role="img"
      aria-label={`Visitors a minute, last 30 minutes: at most ${String(highest)}, ${plural(peak, "pageview")} in all`}
    >
      {minutes.map(({ minute, visitors, pageviews }, index) => (
        <span
          key={minute}
          className={index === minutes.length - 1 ? "strip-minute strip-now" : "strip-minute"}
          title={`${clock(minute, timezone)} · ${plural(visitors, "visitor")}, ${plural(pageviews, "pageview")}`}
          data-pageviews={pageviews}
        >
          <i style={{ height: `${String((100 * visitors) / highest)}%` }} />
        </span>
      ))}
    </div>
  );
}
