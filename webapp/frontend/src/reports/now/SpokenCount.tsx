import { useEffect, useRef, useState } from "react";

import { plural } from "../../lib/format";

const QUIET_MS = 20_000;

/** The live number for a screen reader: politely, and at most three times a minute. */
export function SpokenCount({ count }: { count: number }) {
  const [spoken, setSpoken] = useState(count);
  const latest = useRef(count);
  useEffect(() => {
    latest.current = count;
  }, [count]);
  useEffect(() => {
    const timer = setInterval(() => {
      setSpoken(latest.current);
    }, QUIET_MS);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return (
    <p className="visually-hidden" role="status" aria-live="polite">
      {plural(spoken, "visitor")} on the site now
    </p>
  );
}
