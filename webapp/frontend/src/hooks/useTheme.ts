import { useEffect } from "react";

import { nextTheme, readTheme, resolveTheme, type Theme, THEME_KEY } from "../lib/theme";
import { useMedia } from "./useMedia";
import { useStored } from "./useStored";

export interface ThemeChoice {
  readonly theme: Theme;
  readonly resolved: "light" | "dark";
  readonly choose: (theme: Theme) => void;
  readonly cycle: () => void;
}

/** The chosen theme, or the `given` one, put on the page as Bootstrap wants it. */
export function useTheme(given: Theme | null): ThemeChoice {
  const [stored, store] = useStored(THEME_KEY);
  const systemIsDark = useMedia("(prefers-color-scheme: dark)");
  const theme = given ?? readTheme(stored);
  const resolved = resolveTheme(theme, systemIsDark);
  useEffect(() => {
    document.documentElement.dataset.bsTheme = resolved;
  }, [resolved]);
  return {
    theme,
    resolved,
    choose: store,
    cycle: () => {
      store(nextTheme(theme));
    },
  };
}
