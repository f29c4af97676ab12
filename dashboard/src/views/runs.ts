// State, duration and error of a run for display.

import type { Schemas } from "../api/client";
import type { Language } from "../format";
import type { Words } from "../i18n/use-words";
import { reasonOf } from "./reasons";

type Run = Schemas["RunItem"];
const OPEN: readonly string[] = ["queued", "running", "retry"];

export function isOpen(state: string): boolean {
  return OPEN.includes(state);
}

/** Accepted while the scheduler was down: it starts when the scheduler is back, or expires. */
export function isWaiting(run: Pick<Run, "state" | "deferred">): boolean {
  return run.deferred && run.state === "queued";
}

const MIN_S = 0.1;
const MAX_S = 600;

/** Height (px) of a run's bar, logarithmic because jobs take from 0.1 s to minutes. */
export function heightOf({ started_at, finished_at }: Pick<Run, "started_at" | "finished_at">, max_px: number): number {
  const took_s = started_at && finished_at ? (Date.parse(finished_at) - Date.parse(started_at)) / 1000 : 0;
  const share = Math.log(Math.max(took_s, MIN_S) / MIN_S) / Math.log(MAX_S / MIN_S);
  return 4 + Math.min(1, share) * (max_px - 4);
}

export type Tone = "good" | "bad" | "busy" | "quiet";

export function toneOf(state: string | null | undefined): Tone {
  if (state === "succeeded") return "good";
  if (state === "failed" || state === "dead") return "bad";
  return state && isOpen(state) ? "busy" : "quiet";
}

/**
 * The sentence of a run's, job's or source's error, whichever field holds it. Where the API's is the one of its class
 * it comes with values, and is worded in the reader's language.
 */
export function errorSentence(language: Language, error: Record<string, unknown> | null | undefined): string {
  if (!error) return "";
  const { code, detail, message, title, type, values } = error;
  const reason =
    [detail, message, title, type].find((part): part is string => typeof part === "string") ?? JSON.stringify(error);
  if (typeof code !== "string" || typeof values !== "object" || values === null) return reason;
  return reasonOf(language, { code, values: values as Record<string, string | number>, reason });
}

type Say = Pick<Words, "t" | "v" | "language">;
type Ending = Pick<Run, "state" | "message" | "reason" | "counts" | "error">;

const READ: readonly string[] = ["read", "articles_read", "bars_read"];
const WHY_NOT: readonly string[] = [
  "unchanged",
  "too_late",
  "without_prices",
  "set_aside",
  "sessions_left",
  "would_write",
  "same",
  "merged",
  "refused",
];

interface Counts {
  read?: number;
  written?: number;
  failed?: number;
  detail?: Record<string, number>;
}

/** Label of a number: the kind of row, or of a step of a sequence its job. */
function labelOf(name: string, { v }: Say): string {
  const label = v("count", name);
  return label === name ? v("job", name) : label;
}

/** What a run wrote, in words: "57건 저장: 뉴스 20, 종목 연결 37", "저장 0건: 변경 없음 21". As `summarise` of the ledger. */
export function countsSentence(counts: Counts, words: Say): string {
  const { read = 0, written = 0, failed = 0, detail = {} } = counts;
  const totals = new Map<string, number>();
  for (const [name, number] of Object.entries(detail)) {
    const label = name.slice(name.lastIndexOf(".") + 1);
    if (!READ.includes(label)) totals.set(label, (totals.get(label) ?? 0) + number);
  }
  if (failed && !totals.has("failed")) totals.set("failed", failed);
  const isReason = (name: string) => WHY_NOT.includes(name) || name === "failed";
  const shown = [...totals].filter(([name, number]) => number && (written || isReason(name)));
  shown.sort(([a], [b]) => Number(isReason(a)) - Number(isReason(b)));
  const parts = shown.map(([name, number]) => `${labelOf(name, words)} ${number}`);
  if (written) return [words.t("wrote.some", { n: written }), parts.join(", ")].filter(Boolean).join(": ");
  if (parts.length) return `${words.t("wrote.none")}: ${parts.join(", ")}`;
  return [words.t("wrote.nothingNew"), read ? words.t("wrote.lookedAt", { n: read }) : ""].filter(Boolean).join(": ");
}

/** How a run ended, or what it is doing: why it did no work, its error, what it wrote, else its message. */
export function messageOf(run: Ending, words: Say): string {
  if (run.reason) {
    const known = words.v("reason", run.reason);
    return known === run.reason ? (run.message ?? known) : known;
  }
  if (run.error) return errorSentence(words.language, run.error);
  return run.state === "succeeded" && run.counts ? countsSentence(run.counts, words) : (run.message ?? "");
}

export interface Result {
  page: "stock" | "report";
  id: string | number;
  isReport: boolean;
}

/** The report that a run wrote, else the one stock that it worked on; null for a run about more, or an open one. */
export function resultOf(run: Pick<Run, "state" | "kind" | "arguments" | "report_id">): Result | null {
  if (run.state !== "succeeded") return null;
  if (run.report_id !== null) return { page: "report", id: run.report_id, isReport: true };
  const { stock_code: one, stock_codes: many } = run.arguments as Record<string, unknown>;
  const codes: unknown[] = typeof one === "string" ? [one] : Array.isArray(many) ? many : [];
  const [code] = codes;
  if (codes.length !== 1 || typeof code !== "string") return null;
  return { page: "stock", id: code, isReport: run.kind === "generate_reports" || run.kind === "initial_analysis" };
}
