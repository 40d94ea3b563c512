/** The page of the API. It is whole without this: what is added are tabs, copying, finding, and the theme. */

import "./styles/docs.scss";
import { chosenLanguage, matches, neighbour } from "./lib/docs";
import { nextTheme, readTheme, resolveTheme, THEME_KEY } from "./lib/theme";

const LANGUAGE_KEY = "pawprint-docs-language";
const SAID_MS = 1_600;

function all<T extends HTMLElement>(selector: string, within: ParentNode = document): T[] {
  return [...within.querySelectorAll<T>(selector)];
}

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage may be forbidden
  }
}

function store(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // It is only remembered where it may be.
  }
}

function say(text: string): void {
  const place = document.querySelector("[data-said]");
  if (place) place.textContent = text;
}

/** The same language in every example of the page. */
function showLanguage(language: string): void {
  for (const tab of all<HTMLButtonElement>("[role=tab]")) {
    const isShown = tab.dataset.language === language;
    tab.setAttribute("aria-selected", String(isShown));
    tab.tabIndex = isShown ? 0 : -1;
  }
  for (const panel of all("[role=tabpanel]")) panel.hidden = panel.dataset.language !== language;
}

function choose(tab: HTMLButtonElement): void {
  const language = tab.dataset.language ?? "";
  const before = tab.getBoundingClientRect().top;
  showLanguage(language);
  // Other examples above may have got longer: what was clicked stays below the pointer.
  scrollBy({ top: tab.getBoundingClientRect().top - before, behavior: "instant" });
  store(LANGUAGE_KEY, language);
}

function addTabs(): void {
  const bars = all("[role=tablist]");
  const first = bars[0];
  if (!first) return;
  const known = all<HTMLButtonElement>("[role=tab]", first).map((tab) => tab.dataset.language ?? "");
  for (const bar of bars) {
    bar.hidden = false;
    const tabs = all<HTMLButtonElement>("[role=tab]", bar);
    tabs.forEach((tab, index) => {
      tab.addEventListener("click", () => {
        choose(tab);
      });
      tab.addEventListener("keydown", (event) => {
        const next = tabs[neighbour(index, tabs.length, event.key)];
        if (!next || next === tab) return;
        event.preventDefault();
        choose(next);
        next.focus();
      });
    });
  }
  showLanguage(chosenLanguage(stored(LANGUAGE_KEY), known));
}

function addCopying(): void {
  for (const block of all(".code, .docs-codes-wide")) {
    const text = block.querySelector("code")?.textContent ?? "";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "code-copy";
    button.textContent = "Copy";
    button.addEventListener("click", () => {
      void navigator.clipboard.writeText(text).then(
        () => {
          showCopied(button, "Copied");
        },
        () => {
          showCopied(button, "Not allowed"); // by the browser, or without https
        },
      );
    });
    block.append(button);
  }
}

function showCopied(button: HTMLButtonElement, text: string): void {
  button.textContent = text;
  button.classList.toggle("is-done", text === "Copied");
  say(text);
  setTimeout(() => {
    button.textContent = "Copy";
    button.classList.remove("is-done");
  }, SAID_MS);
}

function addFinding(): void {
  const field = document.querySelector<HTMLInputElement>("[data-search]");
  const nav = document.querySelector<HTMLElement>("[data-nav]");
  const none = document.querySelector<HTMLElement>("[data-none]");
  if (!field || !nav || !none) return;
  field.hidden = false;
  const links = all<HTMLAnchorElement>("a", nav);
  const find = () => {
    for (const link of links) {
      link.hidden = !matches(field.value, `${link.textContent} ${link.dataset.words ?? ""}`);
    }
    for (const group of all(".docs-group", nav)) group.hidden = field.value.trim() !== "";
    none.hidden = links.some((link) => !link.hidden);
  };
  field.addEventListener("input", find);
  field.addEventListener("keydown", (event) => {
    const first = links.find((link) => !link.hidden);
    if (event.key === "Enter" && first) {
      location.hash = first.hash;
    } else if (event.key === "Escape") {
      field.value = "";
      find();
      field.blur();
    }
  });
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target instanceof HTMLInputElement;
    if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    field.focus();
  });
}

/** The list shows which section is read. */
function addPlace(): void {
  const links = new Map(all<HTMLAnchorElement>("[data-nav] a").map((link) => [link.hash.slice(1), link]));
  const observer = new IntersectionObserver(
    (entries) => {
      const reached = entries.find((entry) => entry.isIntersecting);
      if (!reached) return;
      for (const [id, link] of links) {
        if (id === reached.target.id) link.setAttribute("aria-current", "location");
        else link.removeAttribute("aria-current");
      }
    },
    // A line a fifth down the window: whatever crosses it is what is read.
    { rootMargin: "-20% 0px -79% 0px" },
  );
  for (const section of all(".docs-main section[id]")) observer.observe(section);
}

function addTheme(): void {
  const button = document.querySelector<HTMLButtonElement>("[data-theme-button]");
  if (!button) return;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const show = () => {
    const theme = readTheme(stored(THEME_KEY));
    document.documentElement.dataset.bsTheme = resolveTheme(theme, system.matches);
    button.title = `Theme: ${theme}`;
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    store(THEME_KEY, nextTheme(readTheme(stored(THEME_KEY))));
    show();
  });
  system.addEventListener("change", show);
  show();
}

addTabs();
addCopying();
addFinding();
addPlace();
addTheme();
