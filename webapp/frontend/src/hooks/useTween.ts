import { useEffect, useRef, useState } from "react";

import { useMedia } from "./useMedia";

const TWEEN_MS = 350;

/** `value`, reached in a third of a second; at once for those who want no motion. */
export function useTween(value: number): number {
  const still = useMedia("(prefers-reduced-motion: reduce)");
  const [shown, setShown] = useState(value);
  const from = useRef(value);
  useEffect(() => {
    const start = performance.now();
    const origin = from.current;
    const step = (at: number) => {
      const progress = still ? 1 : Math.min(1, Math.max(0, at - start) / TWEEN_MS);
      from.current = Math.round(origin + (value - origin) * (1 - (1 - progress) ** 3));
      setShown(from.current);
      if (progress < 1) frame = requestAnimationFrame(step);
    };
    let frame = requestAnimationFrame(step);
    return () => {
      cancelAnimationFrame(frame);
    };
  }, [value, still]);
  return shown;
}
