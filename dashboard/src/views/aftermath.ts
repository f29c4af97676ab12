// View model of what came after something was said: how it ended in one word, and what explains it.

import type { Schemas } from "../api/client";
import { verdictOf, type Verdict } from "./verdict";

type Call = Schemas["Call"];
type Move = Schemas["MoveItem"];
type Story = Schemas["MoveStory"];

/** As verdictOf; a lean that was no call keeps its side, because that is what a reader was told. */
export function endingOf({ prediction, base_rate, outcome }: Call): Verdict | "lean_up" | "lean_down" {
  const { verdict, direction, p_up } = prediction;
  const found = verdictOf({ verdict, direction, outcome_state: outcome?.state ?? null, y: outcome?.y ?? null });
  if (found !== "hold" || verdict !== "lean") return found;
  return p_up > (base_rate ?? 0.5) ? "lean_up" : "lean_down";
}

export interface Parts {
  market: number;
  /** Null where a session has no such part. */
  industry: number | null;
  own: number;
}

function shareOf(move: Move, part: string): number | undefined {
  return move.parts.find((found) => found.part === part)?.share;
}

/** The parts of all sessions together; null without sessions. */
export function sumOfParts(sessions: readonly Move[]): Parts | null {
  if (sessions.length === 0) return null;
  const sum = (part: string) => sessions.reduce((all, move) => all + (shareOf(move, part) ?? 0), 0);
  const hasIndustry = sessions.every((move) => shareOf(move, "industry") !== undefined);
  // Without an industry in every session its part is one of the stock's own.
  const industry = sum("industry");
  return {
    market: sum("market"),
    industry: hasIndustry ? industry : null,
    own: sum("own") + (hasIndustry ? 0 : industry),
  };
}

export interface Why {
  kind: "later" | "known" | "none" | "usual" | "unsplit";
  story: Story | null;
}

/**
 * What explains the outcome: a story of the session with the largest own part; one that came after `asof` first, because
 * it is what nobody could know.
 */
export function whyOf(sessions: readonly Move[], asof: string): Why {
  if (sessions.length === 0) return { kind: "unsplit", story: null };
  const own = (move: Move) => Math.abs(shareOf(move, "own") ?? 0);
  const stories = [...sessions].sort((a, b) => own(b) - own(a)).flatMap((move) => move.stories);
  const later = stories.find((story) => isLater(story, asof));
  if (later) return { kind: "later", story: later };
  if (stories[0]) return { kind: "known", story: stories[0] };
  return { kind: sessions.every(({ cause }) => cause === "usual") ? "usual" : "none", story: null };
}

export function isLater({ known_at }: Pick<Story, "known_at">, asof: string): boolean {
  return Date.parse(known_at) > Date.parse(asof);
}
