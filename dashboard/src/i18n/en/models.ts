// Words of the models page: whether its record is to be believed, in English.

import type { koModelsPage } from "../ko/models";

export const enModelsPage: Record<keyof typeof koModelsPage, string> = {
  "belief.better": "better",
  "belief.early": "Whether to believe {model} cannot be told yet: too few sessions are scored.",
  "belief.none": "Do not believe the directions of {model} yet: nothing proves them better than the baseline.",
  "belief.plot": "Brier skill scores of {n} models with 95% intervals; the dashed line is the baseline",
  "belief.same": "The directions of {model} are as good as the baseline: nothing to act on.",
  "belief.shown": "The directions of {model} are proven better than the baseline, by a small margin.",
  "belief.skill": "Brier skill score {value} [{low} … {high}]",
  "belief.worse": "Do not believe the directions of {model}: they are worse than the baseline.",
  "sizes.against": "Against",
  "sizes.brier": "Moves over 3% (Brier skill)",
  "sizes.ewma": "EWMA volatility",
  "sizes.label": "Calibration curve of {n} bins: across the forecast chance of a move over 3%, up how often it came",
  "sizes.note": "How well the size of moves was told. Above 0 is better than what stands on the left.",
  "sizes.own": "The stock's record so far",
  "sizes.pinball": "Whole size (pinball skill)",
  "sizes.rate": "{rate} moved over 3%, forecast {mean} on average",
  "sizes.recent": "Its last 250 trading days",
  "sizes.rest": "Until today's close",
  "sizes.title": "How well the size of moves was told",
};
