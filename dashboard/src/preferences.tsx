// Preferences of a reader (language, theme, which colour means "up"), stored in this browser only.

import { createContext, type ComponentChildren } from "preact";
import { useContext, useEffect, useMemo, useState } from "preact/hooks";

import type { Language } from "./format";
import { loadWords } from "./i18n/words";

export type Theme = "auto" | "light" | "dark";
/** Korea prints rises in red; "safe" is orange and blue, which colour-blind people can tell apart. */
export type Colours = "red-up" | "green-up" | "safe";

export interface Preferences {
  language: Language;
  theme: Theme;
  colours: Colours;
}

const NAME = "azak.preferences";
export const CHOICES = {
  language: ["ko", "en"],
  theme: ["auto", "light", "dark"],
  colours: ["red-up", "green-up", "safe"],
} as const satisfies { [Name in keyof Preferences]: readonly Preferences[Name][] };

function firstLanguage(): Language {
  return navigator.language.toLowerCase().startsWith("ko") ? "ko" : "en";
}

/** Stored preferences, each replaced by the fallback where it is missing or unknown (another version may have stored it). */
export function parsePreferences(stored: string | null, fallback: Preferences): Preferences {
  let read: Partial<Record<keyof Preferences, unknown>> = {};
  try {
    read = (JSON.parse(stored ?? "{}") as typeof read | null) ?? {};
  } catch {
    return fallback;
  }
  const pick = <Name extends keyof Preferences>(name: Name): Preferences[Name] => {
    const choices: readonly unknown[] = CHOICES[name];
    return choices.includes(read[name]) ? (read[name] as Preferences[Name]) : fallback[name];
  };
  return { language: pick("language"), theme: pick("theme"), colours: pick("colours") };
}

/** What this browser has stored, else what it asks for. */
export function loadPreferences(): Preferences {
  const fallback: Preferences = { language: firstLanguage(), theme: "auto", colours: "red-up" };
  try {
    return parsePreferences(localStorage.getItem(NAME), fallback);
  } catch {
    return fallback;
  }
}

/** Sets language, colours and theme on the document and stores them. */
function apply(preferences: Preferences): void {
  const root = document.documentElement;
  root.lang = preferences.language;
  root.dataset.colours = preferences.colours;
  const dark =
    preferences.theme === "dark" ||
    (preferences.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = dark ? "dark" : "light";
  try {
    localStorage.setItem(NAME, JSON.stringify(preferences));
  } catch {
    // Storage may be refused (private windows); the choice then lasts as long as the page.
  }
}

interface PreferencesValue extends Preferences {
  choose: (changed: Partial<Preferences>) => void;
}

const Context = createContext<PreferencesValue | null>(null);

export function usePreferences(): PreferencesValue {
  const value = useContext(Context);
  if (!value) throw new Error("PreferencesProvider is missing");
  return value;
}

export function PreferencesProvider({ children }: { children: ComponentChildren }) {
  const [preferences, setPreferences] = useState(loadPreferences);
  useMemo(() => apply(preferences), [preferences]);
  useEffect(() => {
    const query = matchMedia("(prefers-color-scheme: dark)");
    const refresh = () => setPreferences((current) => ({ ...current }));
    query.addEventListener("change", refresh);
    return () => query.removeEventListener("change", refresh);
  }, []);
  const value = useMemo(
    () => ({
      ...preferences,
      choose: (changed: Partial<Preferences>) => {
        const change = () => setPreferences((current) => ({ ...current, ...changed }));
        // Where the other language does not come, the page stays in this one.
        void loadWords(changed.language ?? preferences.language).then(change, () => undefined);
      },
    }),
    [preferences],
  );
  return <Context.Provider value={value}>{children}</Context.Provider>;
}
