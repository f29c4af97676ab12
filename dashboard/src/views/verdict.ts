// Verdicts on past calls, as all pages name them.

import type { Schemas } from "../api/client";

export type Verdict = "right" | "wrong" | "even" | "hold" | "pending" | "void";

export interface Call {
  verdict: Schemas["Verdict"];
  direction: Schemas["Direction"];
  outcome_state?: string | null;
  y?: number | null;
}

/** Whether a call was right; "hold" is no call, "even" one on a stock that did as its market (y is neither 0 nor 1). */
export function verdictOf({ verdict, direction, outcome_state, y }: Call): Verdict {
  if (outcome_state === "void") return "void";
  if (outcome_state !== "final" || y == null) return "pending";
  if (verdict !== "call") return "hold";
  if (y !== 0 && y !== 1) return "even";
  return (direction === "up") === (y === 1) ? "right" : "wrong";
}

export interface Summary {
  /** Calls with a band, and how many of them ended inside of it. */
  banded: number;
  inside: number;
  /** Judged forecasts, the calls among them, and those that were right. */
  judged: number;
  opinions: number;
  right: number;
}

export function summaryOf(judged: readonly (Call & { in_band?: boolean | null })[]): Summary {
  const verdicts = judged.map(verdictOf);
  const banded = judged.filter((call) => call.in_band != null);
  return {
    banded: banded.length,
    inside: banded.filter((call) => call.in_band).length,
    judged: judged.length,
    opinions: judged.filter((call) => call.verdict === "call").length,
    right: verdicts.filter((verdict) => verdict === "right").length,
  };
}
