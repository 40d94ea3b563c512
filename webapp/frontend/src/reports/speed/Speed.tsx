import type { Scope } from "../../api/stats";
import { Problem } from "../../components/Problem";
import { RowsSkeleton } from "../../components/Skeleton";
import { useSpeed } from "../../hooks/useStats";
import { isSpeedKnownBy, lengthOf, ratingOf, SPEED_INFO, type SpeedName, SPEEDS } from "../../lib/speed";

/** How fast pages come, as three of four visitors see it or better. */
export function Speed({ scope }: { readonly scope: Scope }) {
  const isKnown = scope.filters.every(({ dimension }) => isSpeedKnownBy(dimension));
  const query = useSpeed(scope, isKnown);
  const values = isKnown ? query.data : undefined;
  const known = SPEEDS.flatMap((name) => {
    const value = values?.[name].value ?? null;
    return value === null ? [] : [{ name, value }];
  });
  return (
    <article className="card panel">
      <header>
        <h2>Speed</h2>
        <span className="panel-note">3 of 4 visitors see this or better</span>
      </header>
      <div className={query.isPlaceholderData && isKnown ? "panel-body is-old" : "panel-body"}>
        {!isKnown && (
          <p className="panel-empty">
            Not known by entry page, exit page or event: take that filter away.
          </p>
        )}
        {isKnown && !values && query.error && (
          <Problem what="Speed" error={query.error} onRetry={() => void query.refetch()} />
        )}
        {isKnown && !values && !query.error && <RowsSkeleton rows={SPEEDS.length} />}
        {values && known.length === 0 && (
          <p className="panel-empty">
            No page has reported yet. The tracking script does so when a page is left.
          </p>
        )}
        {known.length > 0 && <SpeedTable known={known} />}
      </div>
    </article>
  );
}

interface SpeedTableProps {
  readonly known: readonly { readonly name: SpeedName; readonly value: number }[];
}

function SpeedTable({ known }: SpeedTableProps) {
  return (
    <table className="bars speed">
      <thead>
        <tr>
          <th scope="col">What takes time</th>
          <th scope="col">Third quartile</th>
          <th scope="col">Rating</th>
        </tr>
      </thead>
      <tbody>
        {known.map(({ name, value }) => {
          const { label, title, format } = SPEED_INFO[name];
          const rating = ratingOf(name, value);
          return (
            <tr key={name}>
              <td className="row-label">
                <span className="bar" style={{ width: `${String(lengthOf(name, value))}%` }} />
                <span className="speed-name">
                  <abbr title={title}>{label}</abbr>
                </span>
              </td>
              <td className="num">{format(value)}</td>
              <td className={`rating is-${rating}`}>{rating}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
