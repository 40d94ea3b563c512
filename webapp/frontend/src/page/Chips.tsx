import { Icon } from "../components/Icon";
import { describeFilter, type Filter, writeFilter } from "../lib/filters";

interface ChipsProps {
  readonly filters: readonly Filter[];
  readonly onEdit: (filter: Filter) => void;
  readonly onRemove: (filter: Filter) => void;
  readonly onClear: () => void;
}

/** The filters that are on; a click on the words changes one, on the cross removes it. */
export function Chips({ filters, onEdit, onRemove, onClear }: ChipsProps) {
  if (filters.length === 0) return null;
  return (
    <ul className="chips" aria-label="Filters">
      {filters.map((filter) => {
        const [name, operator, values] = describeFilter(filter);
        return (
          <li key={writeFilter(filter)} className="chip">
            <button
              type="button"
              className="chip-words"
              title="Change this filter"
              onClick={() => {
                onEdit(filter);
              }}
            >
              {name} {operator} <b>{values}</b>
            </button>
            <button
              type="button"
              className="chip-remove"
              aria-label={`Remove filter ${name} ${operator} ${values}`}
              onClick={() => {
                onRemove(filter);
              }}
            >
              <Icon name="close" size={12} />
            </button>
          </li>
        );
      })}
      {filters.length > 1 && (
        <li>
          <button type="button" className="link-button" onClick={onClear}>
            Clear all
          </button>
        </li>
      )}
    </ul>
  );
}
