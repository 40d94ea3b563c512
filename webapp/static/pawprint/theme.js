// Sets the chosen theme before the first paint. A file of its own, loaded in the head and not as a
// module, because anything later would flash. The dashboard (lib/theme.ts) takes over from here.
(() => {
  // A page in a frame may be given the theme of what is around it.
  let chosen = document.documentElement.dataset.theme;
  try {
    chosen ??= localStorage.getItem("pawprint-theme");
  } catch {
    // Storage may be forbidden; then the system decides.
  }
  if (chosen !== "light" && chosen !== "dark") {
    chosen = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  document.documentElement.dataset.bsTheme = chosen;
})();
