/** Light, dark or as the system has it. The choice is kept by the browser, for our own pages only. */

export const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];
export const THEME_KEY = "pawprint-theme"; // also read by static/pawprint/theme.js, before the first paint

export function readTheme(stored: string | null): Theme {
  return THEMES.find((theme) => theme === stored) ?? "auto";
}

export function nextTheme(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "auto";
}

export function resolveTheme(theme: Theme, systemIsDark: boolean): "light" | "dark" {
  if (theme !== "auto") return theme;
  return systemIsDark ? "dark" : "light";
}
