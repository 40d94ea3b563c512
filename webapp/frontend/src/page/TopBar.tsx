import type { ReactNode } from "react";

import type { Boot } from "../boot";
import { Icon, type IconName } from "../components/Icon";
import { Menu } from "../components/Menu";
import { Paw } from "../components/Paw";
import type { ThemeChoice } from "../hooks/useTheme";
import { type Theme, THEMES } from "../lib/theme";

const THEME_FACES: Readonly<Record<Theme, { icon: IconName; label: string }>> = {
  auto: { icon: "auto", label: "Auto" },
  light: { icon: "sun", label: "Light" },
  dark: { icon: "moon", label: "Dark" },
};

interface TopBarProps {
  readonly boot: Boot;
  readonly theme: ThemeChoice;
  /** The bell, which knows more than this bar; none where nothing is to be told. */
  readonly bell: ReactNode;
}

export function TopBar({ boot, theme, bell }: TopBarProps) {
  return (
    <header className="top">
      <div className="wrap">
        {boot.shared ? (
          <>
            <span className="logo">
              <Paw />
              Pawprint
            </span>
            <span className="shared-note">{boot.domain}, shared with you for reading</span>
          </>
        ) : (
          <>
            <a className="logo" href="/">
              <Paw />
              Pawprint
            </a>
            <nav className="main-nav" aria-label="Main">
              <a href={`/${boot.domain}/`} aria-current="page">
                Dashboard
              </a>
              <a href="/api/docs/">API</a>
            </nav>
          </>
        )}
        <span className="spacer" />
        {bell}
        <button
          type="button"
          className="icon-button"
          aria-label={`Theme: ${THEME_FACES[theme.theme].label.toLowerCase()}`}
          title={`Theme: ${THEME_FACES[theme.theme].label.toLowerCase()} (t)`}
          onClick={theme.cycle}
        >
          <Icon name={THEME_FACES[theme.theme].icon} size={18} />
        </button>
        {!boot.shared && <AccountMenu boot={boot} theme={theme} />}
      </div>
    </header>
  );
}

function AccountMenu({ boot, theme }: { boot: Boot; theme: ThemeChoice }) {
  return (
    <Menu
      label="Account"
      className="avatar-button"
      align="end"
      face={<span className="avatar">{boot.initials}</span>}
    >
      <p className="menu-title">{boot.email}</p>
      <fieldset className="theme-choice">
        <legend>Theme</legend>
        <div className="seg">
          {THEMES.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={theme.theme === name}
              onClick={() => {
                theme.choose(name);
              }}
            >
              {THEME_FACES[name].label}
            </button>
          ))}
        </div>
      </fieldset>
      <a className="menu-item" href="/api/docs/">
        API
      </a>
      <form method="post" action="/logout/">
        <input type="hidden" name="csrfmiddlewaretoken" value={boot.csrfToken} />
        <button type="submit" className="menu-item">
          Log out
        </button>
      </form>
    </Menu>
  );
}
