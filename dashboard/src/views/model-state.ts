// Where a model stands, and why a member says nothing, in the reader's language.

import type { Schemas } from "../api/client";
import type { Language } from "../format";
import { say, sayValue } from "../i18n/words";

type MemberState = Schemas["MemberState"];

/** "learning: 23 of 60 sessions" in the reader's language. A state that is text is of an earlier azak, in English. */
export function stateWords(state: MemberState | string | null | undefined, language: Language): string {
  if (!state) return say(language, "forecast.none");
  if (typeof state === "string") return state;
  const { done, wanted, unit } = state;
  if (done === undefined || wanted === undefined || unit === undefined)
    return sayValue(language, "standing", state.state);
  const counted = { done, wanted, unit: sayValue(language, "unit", unit) };
  return say(language, state.state === "learning" ? "forecast.learning" : "forecast.tooFewStories", counted);
}
