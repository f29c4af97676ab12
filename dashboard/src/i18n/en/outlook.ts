// Words about what comes first, in English: how large a move may be, which way, and what to watch.

import type { koOutlook } from "../ko/outlook";

export const enOutlook: Record<keyof typeof koOutlook, string> = {
  "lead.event": "Latest event",
  "lead.move": "Why it moved",
  "lead.nextMove": "Next session",
  "lead.noEvent": "Nothing in the last three days that would move this stock.",
  "lead.noMove": "No session has been broken down yet.",
  "lead.side": "Direction",
  "lead.side.call": "A proven call: forecasts like it have earned more than they cost.",
  "lead.side.lean":
    "A small difference in probability. Trading costs more than it brings, so it is no signal to trade.",
  "lead.side.none": "Nothing speaks for either side.",
  "lead.standing.lower": "in the lower {share} of {n} stocks",
  "lead.standing.upper": "in the upper {share} of {n} stocks",
  "lead.title": "At a glance",
  "size.band": "80% range {low}–{high}",
  "size.chance": "{n} in 100 to move by more than 3%",
  "size.head": "Expected size",
  "size.larger": "May move more than usual.",
  "size.none": "Too few prices yet to forecast the size.",
  "size.note": "The mean size of the move without the market's, whether up or down.",
  "size.smaller": "Likely to be quieter than usual.",
  "size.usual": "usually ±{usual}",
  "size.usualWords": "About as much as usual.",
  "watch.none": "No stock stands out: none is expected to move more than usual, and none has news.",
  "watch.note": "Stocks that may move more than usual in the next session, or have fresh news.",
  "watch.title": "What to watch today",
};
