// Words of the models page: whether its record is to be believed, in English.

import type { koModelsPage } from "../ko/models";

export const enModelsPage: Record<keyof typeof koModelsPage, string> = {
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
