// State, duration and error of a run for display.

import type { Schemas } from "../api/client";

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

/** The sentence of a run's or job's error, whichever field holds it. */
export function errorSentence(error: Record<string, unknown> | null | undefined): string {
  if (!error) return "";
  const { detail, message, title, type } = error;
  return (
    [detail, message, title, type].find((part): part is string => typeof part === "string") ?? JSON.stringify(error)
  );
}
