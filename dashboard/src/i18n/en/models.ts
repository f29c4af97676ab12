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
};
