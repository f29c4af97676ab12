// Translations by key. English must have exactly the keys of Korean, which its type and a test hold.

import type { Language } from "../format";
import type { ko } from "./ko";
import type { koAb } from "./ko/ab";
import type { koCalls } from "./ko/calls";
import type { koModelsPage } from "./ko/models";
import type { koOperationsPage } from "./ko/operations";
import type { koSettingsPage } from "./ko/settings";
import type { koStockPage } from "./ko/stock";

type OfPages = typeof koAb &
  typeof koCalls &
  typeof koModelsPage &
  typeof koOperationsPage &
  typeof koSettingsPage &
  typeof koStockPage;
export type Key = keyof typeof ko | keyof OfPages;
export type Values = Record<string, string | number>;
type Dictionary = Record<Key, string>;

// A reader has one language, so the words of the other are not sent: they are a tenth of a page.
const FILES: Record<Language, () => Promise<Partial<Dictionary>>> = {
  ko: () => import("./ko").then((file) => file.ko),
  en: () => import("./en").then((file) => file.en),
};
// Few readers ever see them, and the API says the same in English: they come when the first is to be said.
const RARE: Record<Language, () => Promise<Record<string, string>>> = {
  ko: async () => ({ ...(await import("./ko/rare")).koRare, ...(await import("./ko/reasons")).koReasons }),
  en: async () => ({ ...(await import("./en/rare")).enRare, ...(await import("./en/reasons")).enReasons }),
};
// What only some pages say comes with them.
const OF_PAGES = {
  ab: {
    ko: () => import("./ko/ab").then((file) => file.koAb),
    en: () => import("./en/ab").then((file) => file.enAb),
  },
  calls: {
    ko: () => import("./ko/calls").then((file) => file.koCalls),
    en: () => import("./en/calls").then((file) => file.enCalls),
  },
  models: {
    ko: () => import("./ko/models").then((file) => file.koModelsPage),
    en: () => import("./en/models").then((file) => file.enModelsPage),
  },
  operations: {
    ko: () => import("./ko/operations").then((file) => file.koOperationsPage),
    en: () => import("./en/operations").then((file) => file.enOperationsPage),
  },
  settings: {
    ko: () => import("./ko/settings").then((file) => file.koSettingsPage),
    en: () => import("./en/settings").then((file) => file.enSettingsPage),
  },
  stock: {
    ko: () => import("./ko/stock").then((file) => file.koStockPage),
    en: () => import("./en/stock").then((file) => file.enStockPage),
  },
};
export type Pack = keyof typeof OF_PAGES;
const seen = new Set<Pack>();
const loaded: Partial<Record<Language, Dictionary>> = {};
const hasRare: Partial<Record<Language, boolean>> = {};

/**
 * Fetch the words of a language, which must come before the first text in it, with those of the pages seen so far. The
 * words of a page that do not come are asked for again when it is drawn.
 */
export async function loadWords(language: Language): Promise<void> {
  const packs = [...seen].map((pack) => OF_PAGES[pack][language]());
  const words = loaded[language] ?? ({ ...(await FILES[language]()) } as Dictionary);
  const found = await Promise.allSettled<Record<string, string>>(packs);
  loaded[language] = Object.assign(
    words,
    ...found.map((pack) => (pack.status === "fulfilled" ? pack.value : {})),
  ) as Dictionary;
}

/** Fetch the words that only some pages say, in the languages that are spoken here. */
export async function loadWordsOf(pack: Pack): Promise<void> {
  seen.add(pack);
  await Promise.all((["ko", "en"] as const).filter((language) => loaded[language]).map((one) => addPack(pack, one)));
}

async function addPack(pack: Pack, language: Language): Promise<void> {
  const words = await OF_PAGES[pack][language]();
  Object.assign(dictionaryOf(language), words);
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
