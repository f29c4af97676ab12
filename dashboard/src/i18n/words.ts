// Translations by key. English must have exactly the keys of Korean, which its type and a test hold.

import type { Language } from "../format";
import type { ko } from "./ko";
import type { koCalls } from "./ko/calls";
import type { koModelsPage } from "./ko/models";

export type Key = keyof typeof ko | keyof typeof koCalls | keyof typeof koModelsPage;
export type Values = Record<string, string | number>;
type Dictionary = Record<Key, string>;

// A reader has one language, so the words of the other are not sent: they are a tenth of a page.
const FILES: Record<Language, () => Promise<Partial<Dictionary>>> = {
  ko: () => import("./ko").then((file) => file.ko),
  en: () => import("./en").then((file) => file.en),
};
// Few readers ever see them, and the API says the same in English: they come when the first is to be said.
const RARE: Record<Language, () => Promise<Record<string, string>>> = {
  ko: () => import("./ko/rare").then((file) => file.koRare),
  en: () => import("./en/rare").then((file) => file.enRare),
};
const loaded: Partial<Record<Language, Dictionary>> = {};
/** Words that came with a page. */
const ofPages: Record<Language, Record<string, string>> = { ko: {}, en: {} };
const hasRare: Partial<Record<Language, boolean>> = {};

/** Fetch the words of a language, which must come before the first text in it. */
export async function loadWords(language: Language): Promise<void> {
  if (!loaded[language]) loaded[language] = { ...(await FILES[language]()), ...ofPages[language] } as Dictionary;
}

/** Adds the words that only one page says; its file brings them in both languages. */
export function addWords(words: Record<Language, Record<string, string>>): void {
  for (const language of ["ko", "en"] as const) {
    Object.assign(ofPages[language], words[language]);
    if (loaded[language]) Object.assign(loaded[language], words[language]);
  }
}

/** Fetch the words that are rarely said; whether they are there now. */
export async function loadRare(language: Language): Promise<boolean> {
  if (!hasRare[language]) {
    const words = await RARE[language]().catch(() => null);
    if (words === null) return false;
    loaded[language] = { ...dictionaryOf(language), ...words };
    hasRare[language] = true;
  }
  return true;
}

/** Whether the words that are rarely said are there. */
export function knowsRare(language: Language): boolean {
  return hasRare[language] === true;
}

function dictionaryOf(language: Language): Dictionary {
  const words = loaded[language];
  if (!words) throw new Error(`The words of ${language} are not loaded`);
  return words;
}

/** Whether `key` has a text. */
export function isKey(language: Language, key: string): key is Key {
  return Object.hasOwn(dictionaryOf(language), key);
}

/** Text of `key` with each `{name}` replaced by its value; a placeholder without a value stays. */
export function say(language: Language, key: Key, values: Values = {}): string {
  return dictionaryOf(language)[key].replace(/\{(\w+)\}/g, (slot, name: string) =>
    name in values ? String(values[name]) : slot,
  );
}

/** Text of a value of the API (`run.queued`); the value itself where there is none. */
export function sayValue(language: Language, group: string, value: string | null | undefined): string {
  if (!value) return "–";
  const key = `${group}.${value}`;
  return isKey(language, key) ? say(language, key) : value;
}
