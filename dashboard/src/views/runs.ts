// What the states of a run mean for a reader.

import type { Schemas } from "../api/client";

type Run = Schemas["RunItem"];
const OPEN: readonly string[] = ["queued", "running", "retry"];

export function isOpen(state: string): boolean {
  return OPEN.includes(state);
}

/** Accepted while the scheduler was away; it starts when the scheduler is back, or expires. */
export function isWaiting(run: Pick<Run, "state" | "deferred">): boolean {
  return run.deferred && run.state === "queued";
}

const SHORTEST_S = 0.1;
const LONGEST_S = 600;

/** Height of a run's bar. Logarithmic: jobs take from 0.1 s to minutes, and both must be seen. */
export function heightOf({ started_at, finished_at }: Pick<Run, "started_at" | "finished_at">, most: number): number {
  const took_s = started_at && finished_at ? (Date.parse(finished_at) - Date.parse(started_at)) / 1000 : 0;
  const share = Math.log(Math.max(took_s, SHORTEST_S) / SHORTEST_S) / Math.log(LONGEST_S / SHORTEST_S);
  return 4 + Math.min(1, share) * (most - 4);
}

export type Tone = "good" | "bad" | "busy" | "quiet";

export function toneOf(state: string | null | undefined): Tone {
  if (state === "succeeded") return "good";
  if (state === "failed" || state === "dead") return "bad";
  return state && isOpen(state) ? "busy" : "quiet";
}

/** One sentence of an error row of a run or job. */
export function errorSentence(error: Record<string, unknown> | null | undefined): string {
  if (!error) return "";
  const { detail, message, title, type } = error;
  return (
    [detail, message, title, type].find((part): part is string => typeof part === "string") ?? JSON.stringify(error)
  );
}
