// Words about events in English; the keys are those of ko/events.ts.

import type { koEvents } from "../ko/events";

export const enEvents: Record<keyof typeof koEvents, string> = {
  "moves.asof": "As of",
  "moves.cause.no_story": "Its own move is {times} times a usual day's, and no story explains it.",
  "moves.cause.story": "Its own move is {times} times a usual day's. These stories fit in time and direction:",
  "moves.cause.unknown": "Its own move is {times} times a usual day's; azak has no news from that time.",
  "moves.cause.usual": "Its own move is {times} times a usual day's, which is within the usual range.",
  "moves.fits": "Stories that fit",
  "moves.noIndustry": "no industry part: only {n} other stocks in its industry, {least} needed",
  "moves.noPeers": "no industry part: no other stock in its industry is watched",
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
  "studies.none": "No meaningful move",
  "studies.note":
    "Moves over {n} trading days from the first tradable price after the news. The line is the interval, the dot the mean, the centre zero. An effect is claimed only where the interval excludes zero.",
  "studies.title": "After events",
  "studies.tooFew": "Too few so far",
  "studies.up": "Beat the market",
  "studies.wait": "Nothing yet. Studies are updated every evening, once trading days have passed since the news.",
};
