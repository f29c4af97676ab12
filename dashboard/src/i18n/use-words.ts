import { useEffect, useMemo, useState } from "preact/hooks";

import { usePreferences } from "../preferences";
import type { Language } from "../format";
import { knowsRare, loadRare, say, sayValue, type Key, type Values } from "./words";

/** Translations in the language of the reader. */
export interface Words {
  language: Language;
  /** Text of a key. */
  t: (key: Key, values?: Values) => string;
  /** Text of a value of the API: v("run", "queued"). */
  v: (group: string, value: string | null | undefined) => string;
}

export function useWords(): Words {
  const { language } = usePreferences();
  return useMemo(
    () => ({
      language,
      /** Text of a key. */
      t: (key, values) => say(language, key, values),
      v: (group, value) => sayValue(language, group, value),
    }),
    [language],
  );
}

/**
 * Fetches the words for troubles and refusals where one is to be said, and draws again when they are there. Whether it
 * can be said: they are there, or could not be fetched, so that the API's own words must do.
 */
export function useRareWords(isSaid: boolean): boolean {
  const { language } = usePreferences();
  const [asked, setAsked] = useState<Language | null>(null);
  useEffect(() => {
    if (isSaid && !knowsRare(language)) void loadRare(language).then(() => setAsked(language));
  }, [isSaid, language]);
  return !isSaid || knowsRare(language) || asked === language;
}
