// Progress of an A/B test and the steps a person may take. Verdicts come from the API alone.

import type { Schemas } from "../api/client";

/** The models that a new draft compares at first: the shown one and another that predicts; null without two. */
export function firstPair(
  models: Pick<Schemas["ModelItem"], "name" | "is_active" | "is_shown">[],
): [string, string] | null {
  const active = models.filter((model) => model.is_active);
  const first = active.find((model) => model.is_shown) ?? active[0];
  const second = active.find((model) => model !== first);
  return first && second ? [first.name, second.name] : null;
}

export interface Progress {
  days: number;
  needed: number;
  share: number;
}

export function progressOf(days: number, minimum_sessions: number): Progress {
  return { days, needed: Math.max(0, minimum_sessions - days), share: Math.min(1, days / minimum_sessions) };
}

export type Step = "start" | "decide" | "stop" | "promote" | "archive";

/** The steps a person may take; the API refuses the ones that come too early and says why. */
export function stepsOf({ state, promoted_at }: Pick<Schemas["AbTestItem"], "state" | "promoted_at">): Step[] {
  if (state === "draft") return ["start"];
  if (state === "running") return ["decide", "stop"];
  if (state === "decided") return promoted_at ? ["archive"] : ["promote", "archive"];
  return [];
}
