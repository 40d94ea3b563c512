import type { Boot } from "../boot";
import { Icon } from "../components/Icon";
import { Menu } from "../components/Menu";
import { comparisonSpan, type Period } from "../lib/periods";
import { PeriodPicker } from "./PeriodPicker";

interface ControlsProps {
  readonly timezone: string;
  readonly period: Period;
  readonly onPeriod: (period: Period) => void;
  readonly compare: boolean;
  readonly onCompare: (compare: boolean) => void;
  readonly onFilter: () => void;
}

/** Which part of the site, when, against what. */
export function Controls({ timezone, period, onPeriod, compare, onCompare, onFilter }: ControlsProps) {
  return (
    <>
      <button type="button" className="btn filter-button" onClick={onFilter}>
        <Icon name="filter" size={14} />
        Filter
      </button>
      <PeriodPicker period={period} onPeriod={onPeriod} timezone={timezone} />
      <button
        type="button"
        className="btn compare-button"
        aria-pressed={compare}
        onClick={() => {
          onCompare(!compare);
        }}
      >
        <i className="compare-line" />
        <span>
          vs previous<span className="not-on-phone"> {comparisonSpan(period)}</span>
        </span>
      </button>
    </>
  );
}

/** Which site, and the way to another. */
export function SiteTitle({ boot }: { boot: Boot }) {
  const others = boot.sites.filter((site) => site !== boot.domain);
  return (
    <div className="site-title">
      <h1>{boot.domain}</h1>
      {others.length > 0 && (
        <Menu label="Another site" className="icon-button" face={<Icon name="chevron" />}>
          {others.map((site) => (
            <a
              key={site}
              className="menu-item"
              href={`/${encodeURIComponent(site)}/${window.location.search}`}
            >
              {site}
            </a>
          ))}
        </Menu>
      )}
      {boot.isDemo && (
        <span className="tag" title="These visitors are replayed from a log">
          Demo data
        </span>
      )}
    </div>
  );
}
