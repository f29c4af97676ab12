// What needs a look, in the reader's language: by the code of the API and what it names.

import type { Schemas } from "../api/client";
import { dayOf, type Language } from "../format";
import { isKey, say, sayValue } from "../i18n/words";

type Trouble = Schemas["ReasonItem"];
type Values = Record<string, string | number>;

// Values that have a name of their own -> the group of its translations.
const GROUPS: Record<string, string> = { job: "job", kind: "job", data: "source" };

function inWords(language: Language, values: Values): Values {
  const named = Object.entries(values).map(([name, value]) => {
    const group = GROUPS[name];
    return [name, group && typeof value === "string" ? sayValue(language, group, value) : value];
  });
  return Object.fromEntries(named) as Values;
}

/**
 * A reason with its remedy. Where there are no words with what the API names: the advice for its class, and for a class
 * that this version does not know the API's own sentence.
 */
export function reasonOf(
  language: Language,
  { code, values, reason }: Pick<Trouble, "code" | "values" | "reason">,
): string {
  const key = typeof values.why === "string" ? `reason.${code}.${values.why}` : `reason.${code}`;
  if (isKey(language, key)) {
    const said = say(language, key, inWords(language, values));
    if (!/\{\w+\}/.test(said)) return said;
  }
  if (language === "en") return reason;
  const advice = `problem.${code}.detail`;
  return isKey(language, advice) ? say(language, advice, { seconds: 60 }) : reason;
}

/** A paused job: nothing is wrong, and it may have been forgotten. */
export function pausedOf(language: Language, { job, by, at }: Schemas["PausedItem"], notice: string): string {
  const key: string = "reason.job-paused";
  if (!isKey(language, key)) return notice;
  return say(language, key, { by, day: dayOf(at), id: job, job: sayValue(language, "job", job) });
}
