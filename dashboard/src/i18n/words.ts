// Words of the page in both languages. English must have exactly the keys of Korean: the type says so, a test too.

import type { Language } from "../format";
import { en } from "./en";
import { ko } from "./ko";

export type Key = keyof typeof ko;
export type Values = Record<string, string | number>;
const WORDS: Record<Language, Record<Key, string>> = { ko, en };

/** The words of `key` with `{name}` filled in. */
export function say(language: Language, key: Key, values: Values = {}): string {
  return WORDS[language][key].replace(/\{(\w+)\}/g, (slot, name: string) =>
    name in values ? String(values[name]) : slot,
  );
}

/** Words of a value the API sent (`run.queued`); the value itself when this version does not know it. */
export function sayValue(language: Language, group: string, value: string | null | undefined): string {
  if (!value) return "–";
  const key = `${group}.${value}`;
  return key in ko ? say(language, key as Key) : value;
}
