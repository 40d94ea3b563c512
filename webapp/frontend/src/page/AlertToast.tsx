import { useEffect } from "react";

import type { Alert } from "../api/types";
import { Icon } from "../components/Icon";
import { AlertText } from "./Bell";

const SHOWN_MS = 20_000;

interface AlertToastProps {
  readonly alert: Alert;
  readonly timezone: string;
  readonly nowS: number;
  readonly onClose: () => void;
}

/** An alert that came just now. Goes by itself; the bell keeps it. */
export function AlertToast({ alert, timezone, nowS, onClose }: AlertToastProps) {
  useEffect(() => {
    const timer = setTimeout(onClose, SHOWN_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [onClose]);
  return (
    <div className="toast-card" role="alert">
      <Icon name="bell" size={20} />
      <div>
        <AlertText alert={alert} timezone={timezone} nowS={nowS} />
      </div>
      <button type="button" className="icon-button" aria-label="Dismiss" onClick={onClose}>
        <Icon name="close" />
      </button>
    </div>
  );
}
