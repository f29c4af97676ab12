// Words of the models page: whether its record is to be believed, in English.

import type { koModelsPage } from "../ko/models";

export const enModelsPage: Record<keyof typeof koModelsPage, string> = {
  "ab.why.better": "{side} loses {by} less on average, and the confidence interval excludes 0.",
  "ab.why.early": "{n_days} of the {minimum} sessions fixed before the start have passed.",
  "ab.why.equal": "Both versions say the same of every item, to 0.1 percentage points.",
  "ab.why.far": "Confirming a difference this size would take {sessions} sessions.",
  "ab.why.few_blocks": "There are too few independent periods to tell yet.",
  "ab.why.open": "The confidence interval still includes 0; more sessions may tell.",
  "ab.why.small": "If there is a difference, it is smaller than {gap}.",
  "ab.why.small_so_far": "The difference is certain but so far smaller than {gap}.",
  "belief.better": "better",
  "belief.early": "Too few sessions have been scored to say whether {model} can be trusted.",
  "belief.none": "Do not rely on the directions of {model} yet: nothing proves them better than the baseline.",
  "belief.plot": "Brier skill scores of {n} models with 95% intervals; the dashed line is the baseline",
  "belief.same": "The directions of {model} are no better than the baseline: nothing to act on.",
  "belief.shown": "The directions of {model} are proven better than the baseline, by a small margin.",
  "belief.skill": "Brier skill score {value} [{low} … {high}]",
  "belief.worse": "Do not rely on the directions of {model}: they are worse than the baseline.",
  "sizes.against": "Compared with",
  "sizes.brier": "Moves over 3% (Brier skill)",
  "sizes.ewma": "EWMA volatility",
  "sizes.label": "Calibration curve of {n} bins: across, the forecast chance of a move over 3%; up, how often it came",
  "sizes.note": "How well the size of moves was forecast. Above 0 is better than what it is compared with.",
  "sizes.own": "The stock's record so far",
  "sizes.pinball": "Whole size (pinball skill)",
  "sizes.rate": "{rate} moved over 3%; the forecast mean was {mean}",
  "sizes.recent": "Its last 250 trading days",
  "sizes.rest": "Until today's close",
  "sizes.title": "How well move sizes were forecast",
};
