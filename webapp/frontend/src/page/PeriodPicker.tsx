import { type SyntheticEvent, useState } from "react";

import { Dialog } from "../components/Dialog";
import { Icon } from "../components/Icon";
import { localStamp, shiftStamp } from "../lib/dates";
import { customPeriod, type Period, periodLabel, PRESETS } from "../lib/periods";

interface PeriodPickerProps {
  readonly period: Period;
  readonly onPeriod: (period: Period) => void;
  readonly timezone: string;
}

export function PeriodPicker({ period, onPeriod, timezone }: PeriodPickerProps) {
  /** Today there, taken when the dialog was opened; null while it is closed. */
  const [today, setToday] = useState<string | null>(null);
  const isCustom = period.kind === "custom";
  return (
    <>
      <div className="seg period-seg" role="group" aria-label="Period">
        {PRESETS.map((kind) => (
          <button
            key={kind}
            type="button"
            aria-pressed={period.kind === kind}
            onClick={() => {
              onPeriod({ kind });
            }}
          >
            {kind}
          </button>
        ))}
        <button
          type="button"
          aria-pressed={isCustom}
          aria-label={isCustom ? `Days: ${periodLabel(period)}` : "Choose days"}
          title="Choose days"
          onClick={() => {
            setToday(localStamp(Date.now() / 1000, timezone).slice(0, 10));
          }}
        >
          {isCustom ? periodLabel(period) : <Icon name="calendar" size={15} />}
        </button>
      </div>
      {today !== null && (
        <DaysDialog
          period={period}
          today={today}
          onPeriod={onPeriod}
          onClose={() => {
            setToday(null);
          }}
        />
      )}
    </>
  );
}

interface DaysDialogProps {
  readonly period: Period;
  /** ISO date in the site's timezone. */
  readonly today: string;
  readonly onPeriod: (period: Period) => void;
  readonly onClose: () => void;
}

function DaysDialog({ period, today, onPeriod, onClose }: DaysDialogProps) {
  const isCustom = period.kind === "custom";
  const [from, setFrom] = useState(isCustom ? period.from : shiftStamp(today, { days: -13 }));
  const [to, setTo] = useState(isCustom ? period.to : today);
  const chosen = customPeriod(from, to);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!chosen) return;
    onPeriod(chosen);
    onClose();
  };
  return (
    <Dialog title="Choose days" onClose={onClose}>
      <form className="days-form" onSubmit={submit}>
        <label>
          First day
          <input
            type="date"
            className="form-control"
            value={from}
            max={today}
            required
            onChange={(event) => {
              setFrom(event.target.value);
            }}
          />
        </label>
        <label>
          Last day
          <input
            type="date"
            className="form-control"
            value={to}
            max={today}
            required
            onChange={(event) => {
              setTo(event.target.value);
            }}
          />
        </label>
        <div className="form-actions">
          {!chosen && <p className="form-error" role="alert">Both days, at most ten years apart.</p>}
          <button type="submit" className="btn btn-primary" disabled={!chosen}>
            Show these days
          </button>
        </div>
      </form>
    </Dialog>
  );
}
