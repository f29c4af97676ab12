// What a reader chose: language, theme, and which colour means "up". Kept in this browser only.

import { createContext, type ComponentChildren } from "preact";
import { useContext, useEffect, useMemo, useState } from "preact/hooks";

import type { Language } from "./format";

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

/** Only known values; what is stored may be of another version, or storage may be refused. */
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

function load(): Preferences {
  const fallback: Preferences = { language: firstLanguage(), theme: "auto", colours: "red-up" };
  try {
    return parsePreferences(localStorage.getItem(NAME), fallback);
  } catch {
    return fallback;
  }
}

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

interface Held extends Preferences {
  choose: (changed: Partial<Preferences>) => void;
}

const Context = createContext<Held | null>(null);

export function usePreferences(): Held {
  const held = useContext(Context);
  if (!held) throw new Error("PreferencesProvider is missing");
  return held;
}

export function PreferencesProvider({ children }: { children: ComponentChildren }) {
  const [preferences, setPreferences] = useState(load);
  useMemo(() => apply(preferences), [preferences]);
  useEffect(() => {
    const query = matchMedia("(prefers-color-scheme: dark)");
    const follow = () => setPreferences((current) => ({ ...current }));
    query.addEventListener("change", follow);
    return () => query.removeEventListener("change", follow);
  }, []);
  const held = useMemo(
    () => ({
      ...preferences,
      choose: (changed: Partial<Preferences>) => setPreferences((current) => ({ ...current, ...changed })),
    }),
    [preferences],
  );
  return <Context.Provider value={held}>{children}</Context.Provider>;
}
