import { type ReactNode, useEffect, useId, useRef, useState } from "react";

interface MenuProps {
  readonly label: string;
  readonly className: string;
  /** What stands on the button. */
  readonly face: ReactNode;
  /** Which side of the button the panel keeps to. */
  readonly align?: "start" | "end";
  readonly onOpen?: () => void;
  readonly children: ReactNode;
}

/**
 * A button that discloses a small panel of links and buttons. Not an ARIA menu: Tab walks through
 * it as through the page, Escape and a click elsewhere close it.
 */
export function Menu({ label, className, face, align = "start", onOpen, children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const panelId = useId();
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!open) return;
    const closeOutside = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    const closeOnEscape = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      setOpen(false);
      button.current?.focus();
    };
    document.addEventListener("pointerdown", closeOutside);
    document.addEventListener("focusin", closeOutside);
    // Captured, so that the page's own Escape does not act as well.
    document.addEventListener("keydown", closeOnEscape, true);
    return () => {
      document.removeEventListener("pointerdown", closeOutside);
      document.removeEventListener("focusin", closeOutside);
      document.removeEventListener("keydown", closeOnEscape, true);
    };
  }, [open]);

  return (
    <div className="menu" ref={root}>
      <button
        ref={button}
        type="button"
        className={className}
        aria-label={label}
        title={label}
        aria-expanded={open}
        aria-controls={panelId}
        onClick={() => {
          if (!open) onOpen?.();
          setOpen(!open);
        }}
      >
        {face}
      </button>
      <div id={panelId} className={`menu-panel menu-${align}`} hidden={!open}>
        {open && children}
      </div>
    </div>
  );
}
