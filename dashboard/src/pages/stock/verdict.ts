// Verdicts on past calls.

import type { Schemas } from "../../api/client";

export type Verdict = "right" | "wrong" | "hold" | "pending" | "void";

export interface Call {
  direction: Schemas["Direction"];
  outcome_state?: string | null;
  y?: number | null;
}

/** Whether a call was right; "hold" for calls without a direction and for unchanged prices (y is neither 0 nor 1). */
export function verdictOf({ direction, outcome_state, y }: Call): Verdict {
  if (outcome_state === "void") return "void";
  if (outcome_state !== "final" || y == null) return "pending";
  if (direction === "hold" || (y !== 0 && y !== 1)) return "hold";
  return (direction === "up") === (y === 1) ? "right" : "wrong";
}

/** Of judged calls: how many have a band (n), how many ended inside of it, how many had a direction, how many were right. */
export function summaryOf(judged: readonly (Call & { in_band?: boolean | null })[]): Record<string, number> {
  const verdicts = judged.map(verdictOf);
  const right = verdicts.filter((verdict) => verdict === "right").length;
  const wrong = verdicts.filter((verdict) => verdict === "wrong").length;
  const banded = judged.filter((call) => call.in_band != null);
  return { n: banded.length, inside: banded.filter((call) => call.in_band).length, right, opinions: right + wrong };
}
