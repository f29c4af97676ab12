// View model of the operations page: what stands first, where a trouble is mended, a schedule in words.

import type { Schemas } from "../../api/client";
import type { Language } from "../../format";
import { hrefOf, type Filter } from "../../route";
import { toneOf, type Tone } from "../../views/runs";

const TONES: Record<Schemas["SourceCondition"], Tone> = {
  ok: "good",
  failing: "bad",
  stalled: "bad",
  blocked: "bad",
  off: "quiet",
  never_asked: "busy",
};

export function toneOfSource(state: Schemas["SourceCondition"]): Tone {
  return TONES[state];
}

/** What must be looked at first; a source that is off on purpose comes last. */
const FIRST: readonly Tone[] = ["bad", "busy", "good", "quiet"];

/** A failed job stands first; one that is paused or runs keeps its place, which its buttons are pressed at. */
export function toneOfJob({ run_state }: Pick<Schemas["JobItem"], "run_state">): Tone {
  return toneOf(run_state) === "bad" ? "bad" : "good";
}

/** The items in the order of their trouble; those of one tone stay as they came. */
export function byTrouble<T>(items: readonly T[], tone: (item: T) => Tone): T[] {
  return FIRST.flatMap((wanted) => items.filter((item) => tone(item) === wanted));
}

export const PARTS = ["jobs", "runs", "sources", "processes"] as const;
export type Part = (typeof PARTS)[number];

/** The part that an address opens: the one it names, the runs where it names one or filters them, else the jobs. */
export function partOf(chosen: string | null, { show, ...filter }: Filter): Part {
  const named = PARTS.find((part) => part === show);
  return named ?? (chosen || Object.values(filter).some(Boolean) ? "runs" : "jobs");
}

const WEEKDAYS = { ko: "평일", en: "weekdays" };
const DAILY = { ko: "매일", en: "daily" };

type Schedule = Pick<Schemas["JobItem"], "cron" | "custom_cron" | "interval_minutes">;

/** The schedule in force: an interval, else a custom cron line, else the default one. */
export function scheduleWords({ cron, custom_cron, interval_minutes: n }: Schedule, language: Language): string {
  if (n !== null) return language === "ko" ? `${n}분마다` : `every ${n} min`;
  return cronWords(custom_cron ?? cron, language);
}

/** Words for the last three fields (day, month, weekday) of a cron line. */
const DAYS: Record<string, Record<Language, string>> = { "* * *": DAILY, "* * mon-fri": WEEKDAYS };

/** "0 17 * * *" as "daily 17:00"; a line without words for it unchanged. */
export function cronWords(cron: string, language: Language): string {
  return cron
    .split(/\s*[;|]\s*/)
    .map((line) => oneLine(line, language))
    .join(", ");
}

function oneLine(line: string, language: Language): string {
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = line.split(" ");
  const days = DAYS[`${day} ${month} ${weekday}`];
  if (!days) return line;
  if (/^\d+$/.test(minute) && /^\d+$/.test(hour)) {
    return `${days[language]} ${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
  }
  const every = /^(?:\*|\d+-59)(?:\/(\d+))?$/.exec(minute);
  if (!every || hour !== "*" || days !== DAILY) return line;
  const n = every[1] ?? "1";
  return language === "ko" ? `${n}분마다` : `every ${n} min`;
}

type Trouble = Schemas["ReasonItem"];
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
