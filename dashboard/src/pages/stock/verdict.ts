// What became of past calls: right, wrong, or not judged.

import type { Schemas } from "../../api/client";

export type Verdict = "right" | "wrong" | "hold" | "pending" | "void";

export interface Call {
  direction: Schemas["Direction"];
  outcome_state?: string | null;
  y?: number | null;
}

/** Whether a call was right. "hold" said nothing; an unchanged price judges nobody. */
export function verdictOf({ direction, outcome_state, y }: Call): Verdict {
  if (outcome_state === "void") return "void";
  if (outcome_state !== "final" || y == null) return "pending";
  if (direction === "hold" || (y !== 0 && y !== 1)) return "hold";
  return (direction === "up") === (y === 1) ? "right" : "wrong";
}

/** How many judged calls there are, how many ended inside the 80 % band, and how many opinions were right. */
export function summaryOf(judged: readonly (Call & { in_band?: boolean | null })[]): Record<string, number> {
  const verdicts = judged.map(verdictOf);
  const right = verdicts.filter((verdict) => verdict === "right").length;
  const wrong = verdicts.filter((verdict) => verdict === "wrong").length;
  const banded = judged.filter((call) => call.in_band != null);
  return { n: banded.length, inside: banded.filter((call) => call.in_band).length, right, opinions: right + wrong };
}
