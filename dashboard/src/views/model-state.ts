// Where a model stands, and why a member says nothing, in the reader's language. The API tells both as English sentences.

import type { Language } from "../format";
import { isKey, say, sayValue } from "../i18n/words";

/** "learning: 23 of 60 sessions" in the reader's language; other states word for word. */
export function stateWords(state: string | null | undefined, language: Language): string {
  if (!state) return say(language, "forecast.none");
  const [, done, wanted, unit] = /^learning: ([\d,]+) of ([\d,]+) (.+)$/.exec(state) ?? [];
  if (done && wanted && unit)
    return say(language, "forecast.learning", { done, wanted, unit: sayValue(language, "unit", unit) });
  if (state === "learning: too few stocks") return say(language, "forecast.tooFewStocks");
  return state === "trained" ? say(language, "forecast.trained") : state;
}

/** Why a member has no forecast of its own: "no new story", "only 3 of 8 similar stories", or that it still learns. */
export function silentWords(reason: string, language: Language): string {
  if (isKey(language, `silent.${reason}`)) return sayValue(language, "silent", reason);
  const [, done, wanted] = /^only (\d+) of (\d+) similar stories$/.exec(reason) ?? [];
  return done && wanted ? say(language, "silent.fewStories", { done, wanted }) : stateWords(reason, language);
}
