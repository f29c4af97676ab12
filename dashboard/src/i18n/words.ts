// Translations by key. English must have exactly the keys of Korean, which its type and a test hold.

import type { Language } from "../format";
import { en } from "./en";
import { ko } from "./ko";

export type Key = keyof typeof ko;
export type Values = Record<string, string | number>;
const WORDS: Record<Language, Record<Key, string>> = { ko, en };

/** Text of `key` with each `{name}` replaced by its value; a placeholder without a value stays. */
export function say(language: Language, key: Key, values: Values = {}): string {
  return WORDS[language][key].replace(/\{(\w+)\}/g, (slot, name: string) =>
    name in values ? String(values[name]) : slot,
  );
}

/** Text of a value of the API (`run.queued`); the value itself where there is none. */
export function sayValue(language: Language, group: string, value: string | null | undefined): string {
  if (!value) return "–";
  const key = `${group}.${value}`;
  return key in ko ? say(language, key as Key) : value;
}
