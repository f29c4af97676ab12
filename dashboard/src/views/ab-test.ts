// How far an A/B test is. Its verdict is what the API stored; a field it does not have is not invented.

import type { Schemas } from "../api/client";

export interface Progress {
  days: number;
  needed: number;
  share: number;
  p_value: number | null;
  difference: number | null;
  low: number | null;
  high: number | null;
}

function numberIn(verdict: Record<string, unknown> | null, ...names: string[]): number | null {
  for (const name of names) {
    const value = verdict?.[name];
    if (typeof value === "number") return value;
  }
  return null;
}

export function progressOf({
  verdict,
  minimum_sessions,
}: Pick<Schemas["AbTestItem"], "verdict" | "minimum_sessions">): Progress {
  const days = numberIn(verdict, "n_days", "sessions") ?? 0;
  return {
    days,
    needed: Math.max(0, minimum_sessions - days),
    share: Math.min(1, days / minimum_sessions),
    p_value: numberIn(verdict, "p_value", "p"),
    difference: numberIn(verdict, "difference", "value"),
    low: numberIn(verdict, "low"),
    high: numberIn(verdict, "high"),
  };
}
