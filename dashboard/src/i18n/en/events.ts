// Words about events in English; the keys are those of ko/events.ts.

import type { koEvents } from "../ko/events";

export const enEvents: Record<keyof typeof koEvents, string> = {
  "moves.asof": "As of",
  "moves.cause.no_story": "Its own move is {times} times that of a usual day, and no story explains it.",
  "moves.cause.story": "Its own move is {times} times that of a usual day. These stories fit in time and direction:",
  "moves.cause.unknown": "Its own move is {times} times that of a usual day; azak has no news of that time.",
  "moves.cause.usual": "Its own move is {times} times that of a usual day, which is within the usual.",
  "moves.fits": "What fits",
  "moves.noIndustry": "no industry part: {n} other stocks of its industry, and it takes {least}",
  "moves.noPeers": "no industry part: no other stock of its industry is watched",
  "moves.parts": "Parts of the move",
  "moves.session": "Session",
  "moves.title": "Why it moved",
  "moves.whole": "Since the last close",
  "studies.asOf": "As of",
  "studies.base": "Based on",
  "studies.down": "Lagged the market",
  "studies.drift": "5 days before the news",
  "studies.event": "Event",
  "studies.finding": "Finding",
  "studies.move": "Mean move against the market",
  "studies.none": "No move that matters",
  "studies.note":
    "Moves over {n} trading days, from the first price one could trade at once the news was known. The line is the interval, the dot the mean, the middle zero. An effect is claimed only where the interval leaves out zero.",
  "studies.title": "After events",
  "studies.tooFew": "Too few so far",
  "studies.up": "Beat the market",
  "studies.wait": "Nothing yet. Studies are computed every evening, once trading days have passed since the news.",
};
