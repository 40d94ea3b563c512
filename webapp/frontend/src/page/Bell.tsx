import type { Alert } from "../api/types";
import { Icon } from "../components/Icon";
import { Menu } from "../components/Menu";
import { useStored } from "../hooks/useStored";
import { moment } from "../lib/dates";
import { formatCount, plural } from "../lib/format";
import { alertTime, epochS } from "../lib/live";

interface BellProps {
  readonly alerts: readonly Alert[];
  readonly domain: string;
  readonly timezone: string;
  readonly nowS: number;
}

const SHOWN_MAX = 12;

/** The site's spikes; a dot while there is one that was not looked at. */
export function Bell({ alerts, domain, timezone, nowS }: BellProps) {
  const [seen, setSeen] = useStored(`pawprint-alerts-seen:${domain}`);
  const newest = alerts[0] ? alertTime(alerts[0]) : 0;
  const unseen = alerts.filter((alert) => alertTime(alert) > Number(seen ?? 0)).length;
  return (
    <Menu
      label={unseen > 0 ? `Alerts, ${String(unseen)} new` : "Alerts"}
      className="icon-button"
      align="end"
      onOpen={() => {
        setSeen(String(newest));
      }}
      face={
        <>
          <Icon name="bell" size={18} />
          {unseen > 0 && <span className="bell-dot" />}
        </>
      }
    >
      <p className="menu-title">Traffic spikes</p>
      {alerts.length === 0 && (
        <p className="menu-note">None so far. One shows up here, and as an e-mail, when a minute has
          more pageviews than this site&rsquo;s limit.</p>
      )}
      <ul className="alert-list">
        {alerts.slice(0, SHOWN_MAX).map((alert) => (
          <li key={alert.id}>
            <AlertText alert={alert} timezone={timezone} nowS={nowS} />
          </li>
        ))}
      </ul>
    </Menu>
  );
}

interface AlertTextProps {
  readonly alert: Alert;
  readonly timezone: string;
  /** Epoch seconds; says which day is today. */
  readonly nowS: number;
}

/** "312 pageviews in one minute", when, and whether it is over. */
export function AlertText({ alert, timezone, nowS }: AlertTextProps) {
  const resolved = alert.resolved_at === null ? null : epochS(alert.resolved_at);
  return (
    <>
      <strong>{plural(alert.pageviews, "pageview")} in one minute</strong>
      <span>
        {moment(alert.minute, nowS, timezone)} · limit {formatCount(alert.threshold)} ·{" "}
        {resolved === null ? (
          <b className="alert-open">going on</b>
        ) : (
          `over since ${moment(resolved, nowS, timezone)}`
        )}
      </span>
    </>
  );
}
