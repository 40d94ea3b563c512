import { Dialog } from "../components/Dialog";

const SHORTCUTS: readonly (readonly [keys: readonly string[], deed: string])[] = [
  [["1", "2", "3", "4"], "24 hours, 7 days, 30 days, 12 months"],
  [["f"], "Filter"],
  [["c"], "Compare with the period before, or not"],
  [["t"], "Theme: auto, light, dark"],
  [["?"], "This list"],
  [["Esc"], "Close what is open; then remove all filters"],
];

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl className="shortcuts">
        {SHORTCUTS.map(([keys, deed]) => (
          <div key={deed}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{deed}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
