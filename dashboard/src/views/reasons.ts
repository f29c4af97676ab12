// What needs a look, in the reader's language: by the code of the API and what it names.

import type { Schemas } from "../api/client";
import { dayOf, type Language } from "../format";
import { isKey, say, sayValue } from "../i18n/words";
import { hrefOf } from "../route";

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

type Place = "sources" | "runs" | "processes" | "models";

const OF_DATA: readonly string[] = ["data-missing", "sources-failed"];
const PLACES: Record<string, Place> = {
  "data-missing": "sources",
  "job-overdue": "runs",
  "loop-stopped": "processes",
  "model-drifts": "models",
  "model-member": "models",
  "news-not-seen": "sources",
  "process-silent": "processes",
  "queue-unserved": "processes",
  "source-quota-gone": "sources",
  "sources-failed": "sources",
};

/** Whether a reason is about data that does not come. */
export function isOfData({ code }: Pick<Trouble, "code">): boolean {
  return OF_DATA.includes(code);
}

/** Where on the page something can be done about a reason; null where it is done elsewhere. */
export function placeOf({ code, values }: Pick<Trouble, "code" | "values">): { show: Place; href: string } | null {
  const show = Object.hasOwn(PLACES, code) ? PLACES[code] : undefined;
  if (!show) return null;
  if (show === "models") return { show, href: hrefOf("models") };
  const job = show === "runs" && typeof values["job"] === "string" ? values["job"] : undefined;
  return { show, href: hrefOf("operations", null, { show, job }) };
}
