import type { LiveSnapshot, Ranking } from "../../api/types";
import { Dialog } from "../../components/Dialog";
import { type DimensionName, valueIcon, valueLabel } from "../../lib/dimensions";
import { formatCount, plural } from "../../lib/format";

interface NowDialogProps {
  readonly snapshot: LiveSnapshot;
  readonly onClose: () => void;
}

/** Where the people on the site are at this moment and where they came from; it moves by itself. */
export function NowDialog({ snapshot, onClose }: NowDialogProps) {
  return (
    <Dialog title={`${plural(snapshot.current, "visitor")} on the site now`} onClose={onClose} wide>
      <div className="now-lists">
        <RankingList title="Pages" dimension="event:page" ranking={snapshot.pages} />
        <RankingList title="Sources" dimension="visit:source" ranking={snapshot.sources} />
        <RankingList title="Countries" dimension="visit:country" ranking={snapshot.countries} />
        <RankingList title="Devices" dimension="visit:device" ranking={snapshot.devices} />
      </div>
    </Dialog>
  );
}

interface RankingListProps {
  readonly title: string;
  readonly dimension: DimensionName;
  readonly ranking: Ranking;
}

function RankingList({ title, dimension, ranking }: RankingListProps) {
  return (
    <section>
      <h3>{title}</h3>
      {ranking.length === 0 && <p className="muted">Nobody at this moment.</p>}
      <ol>
        {ranking.map(([name, visitors]) => (
          <li key={name}>
            <span className="ranking-name" title={valueLabel(dimension, name)}>
              {valueIcon(dimension, name)} {valueLabel(dimension, name)}
            </span>
            <b>{formatCount(visitors)}</b>
          </li>
        ))}
      </ol>
    </section>
  );
}
