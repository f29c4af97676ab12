// Words about what comes first, in English: how large a move may be, which way, and what to watch.

import type { koOutlook } from "../ko/outlook";

export const enOutlook: Record<keyof typeof koOutlook, string> = {
  "row.event": "News:",
  "row.line": "4 weeks",
  "row.line.label": "{own} over 4 weeks, its index {index}",
  "row.odds": "usually {usual}, now {now}",
  "row.show": "Show",
  "row.show.all": "All",
  "row.show.events": "With recent news",
  "row.show.watch": "Worth watching",
  "row.show.words": "With a call or lean",
  "row.sort": "Order",
  "row.sort.chance": "Farthest from usual",
  "row.sort.change": "Moved the most",
  "row.sort.name": "By name",
  "row.sort.size": "Largest expected move",
  "row.sort.watch": "Worth watching first",
  "row.word": "Call (of 100)",
  "size.band": "80% range {low}–{high}",
  "size.chance": "{n} in 100 to move by more than 3%",
  "size.head": "Expected size",
  "size.larger": "May move more than usual.",
  "size.none": "Too few prices yet to forecast the size.",
  "size.note": "The mean size of the move without the market's, up or down.",
  "size.smaller": "Likely to be quieter than usual.",
  "size.usual": "usually ±{usual}",
  "size.usualWords": "About as much as usual.",
  "watch.none": "No stock stands out: none is expected to move more than usual, and none has recent news.",
  "watch.title": "What to watch today",
};
