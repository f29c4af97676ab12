// The word of a forecast, as the page names it: how sure it is, and of which side.

import type { Schemas } from "../api/client";

export const WORDS = ["call_up", "call_down", "lean_up", "lean_down", "none"] as const;
export type Word = (typeof WORDS)[number];

interface Said {
  verdict: Schemas["Verdict"];
  p_up: number;
}

/** What azak says without any evidence, from the stored explanation; null where it does not name it. */
export function baseRateOf({
  explanation,
  p_up,
}: Pick<Schemas["PredictionRow"], "explanation" | "p_up">): number | null {
  // What takes no side: one half for a rule that knows no base rate.
  if (typeof explanation["lean"] === "number") return p_up - explanation["lean"];
  const found = explanation["p0"];
  return typeof found === "number" ? found : null;
}

/** `usual`: the base rate, one half where a forecast does not name it. */
export function wordOf({ verdict, p_up }: Said, usual: number | null | undefined): Word {
  if (verdict === "none") return "none";
  return `${verdict}_${p_up > (usual ?? 0.5) ? "up" : "down"}`;
}

/** The side of a call; flat for everything else. */
export function sideOf({ verdict, p_up }: Said, usual: number | null | undefined): "up" | "down" | "flat" {
  if (verdict !== "call") return "flat";
  return p_up > (usual ?? 0.5) ? "up" : "down";
}
