// Which studies of events the page shows, in which order, and what it says of each.

import type { Schemas } from "../api/client";

type Study = Pick<Schemas["StudyItem"], "type" | "sign" | "size" | "n" | "mean" | "low" | "high" | "verdict">;

/** What a study found. A side is named only where the interval leaves out 0. */
export type Finding = "up" | "down" | "none" | "tooFew";

export function findingOf({ verdict, mean }: Pick<Study, "verdict" | "mean">): Finding {
  if (verdict === "effect") return mean > 0 ? "up" : "down";
  return verdict === "none" ? "none" : "tooFew";
}

const ORDER: Record<Finding, number> = { up: 0, down: 0, none: 1, tooFew: 2 };

/** Those of a type and sign: effects first, then the ones that rest on most stories. */
export function shownStudies<Shown extends Study>(studies: readonly Shown[]): Shown[] {
  return studies
    .filter(({ type, sign }) => type !== "any" && sign !== "any")
    .sort((a, b) => ORDER[findingOf(a)] - ORDER[findingOf(b)] || b.n - a.n);
}

const LEAST = 0.01;
const MOST = 0.05;

/** The move at the edge of the drawings: wide enough for all intervals that tell something. */
export function scaleOf(studies: readonly Study[]): number {
  const ends = studies.filter(({ verdict }) => verdict !== "too_few").flatMap(({ low, high }) => [low ?? 0, high ?? 0]);
  return Math.min(MOST, Math.max(LEAST, ...ends.map(Math.abs)));
}
