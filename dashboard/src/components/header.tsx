import { useEffect, useRef } from "preact/hooks";

import { useWords } from "../i18n/use-words";
import type { Key } from "../i18n/words";
import { CHOICES, usePreferences, type Preferences } from "../preferences";
import { hrefOf, type Page } from "../route";
import { Search } from "./search";

const LINKS: Page[] = ["overview", "news", "models", "operations", "settings"];

/** A button that goes round the choices; its name says what is on now. */
function Switch<Name extends keyof Preferences>({ name, icon }: { name: Name; icon: string }) {
  const preferences = usePreferences();
  const { t } = useWords();
  const choices = CHOICES[name] as readonly Preferences[keyof Preferences][] as readonly Preferences[Name][];
  const current = preferences[name];
  const next = choices[(choices.indexOf(current) + 1) % choices.length];
  const label = `${t(`preference.${name}` as Key)}: ${t(`preference.${name}.${current}` as Key)}`;
  return (
    <button
      type="button"
      class="switch"
      data-switch={name}
      title={label}
      aria-label={label}
      onClick={() => preferences.choose({ [name]: next })}
    >
      <span aria-hidden="true">{icon}</span>
    </button>
  );
}

/** "/" goes to the search from anywhere but a field. */
function useSearchKey(focus: () => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      focus();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, [focus]);
}

export function Header({ page }: { page: Page }) {
  const { t } = useWords();
  const { language, theme } = usePreferences();
  const field = useRef<HTMLInputElement>(null);
  useSearchKey(() => field.current?.focus());
  return (
    <header class="head">
      <a class="brand" href="#/">
        azak
      </a>
      <nav aria-label={t("nav.label")}>
        {LINKS.map((link) => (
          <a href={hrefOf(link)} aria-current={link === page ? "page" : undefined}>
            {t(`page.${link}` as Key)}
          </a>
        ))}
      </nav>
      <Search field={field} />
      <div class="switches">
        <Switch name="language" icon={language === "ko" ? "한" : "En"} />
        <Switch name="theme" icon={{ auto: "◐", light: "☀", dark: "☾" }[theme]} />
        <Switch name="colours" icon="▲▼" />
      </div>
    </header>
  );
}
