// Progress of an A/B test and the steps a person may take. Verdicts come from the API alone.

import type { Schemas } from "../api/client";

type Model = Pick<Schemas["ModelItem"], "name" | "kind" | "is_active" | "is_shown">;

/** Whether a metric compares how large a move was said to be, not which way. */
export function isOfSizes(metric: string): boolean {
  return metric.startsWith("size_");
}

/** The models that say what the metric scores. */
export function comparable<Item extends Model>(models: readonly Item[], metric: string): Item[] {
  return models.filter(({ kind }) => (kind === "size") === isOfSizes(metric));
}

/**
 * The models that a new draft compares at first: the shown one and another that predicts; null without two. Of sizes
 * there may be one model alone, of which two versions are compared.
 */
export function firstPair(models: readonly Model[], metric = "brier"): [string, string] | null {
  const active = comparable(models, metric).filter((model) => model.is_active);
  const [only] = active;
  if (only && active.length === 1 && isOfSizes(metric)) return [only.name, only.name];
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
export function stepsOf(test: Pick<Schemas["AbTestItem"], "state" | "metric" | "promoted_at">): Step[] {
  const { state, metric, promoted_at } = test;
  if (state === "draft") return ["start"];
  if (state === "running") return ["decide", "stop"];
  // What people see is chosen by direction.
  if (state === "decided") return promoted_at || isOfSizes(metric) ? ["archive"] : ["promote", "archive"];
  return [];
}
