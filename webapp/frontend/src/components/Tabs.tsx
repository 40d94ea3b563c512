import { type KeyboardEvent, type ReactNode, useRef } from "react";

export interface Tab<Name extends string> {
  readonly name: Name;
  readonly face: ReactNode;
}

interface TabsProps<Name extends string> {
  readonly label: string;
  readonly tabs: readonly Tab<Name>[];
  readonly selected: Name;
  readonly onSelect: (name: Name) => void;
  /** The id of the panel all of these tabs fill; each tab's own id is made from it. */
  readonly panelId: string;
  readonly className: string;
  readonly tabClassName?: string;
}

/** Tabs as WAI-ARIA describes them: one stop for Tab, arrows, Home and End within. */
export function Tabs<Name extends string>({
  label,
  tabs,
  selected,
  onSelect,
  panelId,
  className,
  tabClassName = "",
}: TabsProps<Name>) {
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent, index: number) => {
    const target = tabs[targetIndex(event.key, index, tabs.length)];
    if (!target) return;
    event.preventDefault();
    onSelect(target.name);
    list.current?.querySelector<HTMLElement>(`#${CSS.escape(tabId(panelId, target.name))}`)?.focus();
  };
  return (
    <div ref={list} role="tablist" aria-label={label} className={className}>
      {tabs.map(({ name, face }, index) => (
        <button
          key={name}
          id={tabId(panelId, name)}
          type="button"
          role="tab"
          className={tabClassName}
          aria-selected={name === selected}
          aria-controls={panelId}
          tabIndex={name === selected ? 0 : -1}
          onClick={() => {
            onSelect(name);
          }}
          onKeyDown={(event) => {
            move(event, index);
          }}
        >
          {face}
        </button>
      ))}
    </div>
  );
}

/** What a panel names as its label. */
export function tabId(panelId: string, name: string): string {
  return `${panelId}-${name}`;
}

/** Where a key leads from a tab; -1: nowhere. */
function targetIndex(key: string, index: number, count: number): number {
  switch (key) {
    case "ArrowRight":
    case "ArrowDown":
      return (index + 1) % count;
    case "ArrowLeft":
    case "ArrowUp":
      return (index + count - 1) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return -1;
  }
}
