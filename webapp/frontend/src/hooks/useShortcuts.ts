import { useEffect } from "react";

/** One key, one deed, wherever the focus is but in a field or an open dialog. */
export function useShortcuts(deeds: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = event.target as Element | null;
      if (target?.closest("input, select, textarea, [contenteditable], dialog, [role=menu]")) return;
      const deed = deeds[event.key];
      if (!deed) return;
      event.preventDefault();
      deed();
    };
    document.addEventListener("keydown", press);
    return () => {
      document.removeEventListener("keydown", press);
    };
  }, [deeds]);
}
