// Why an A/B test has the verdict that it has, in English: said where one was measured.

import type { koAb } from "../ko/ab";

export const enAb: Record<keyof typeof koAb, string> = {
  "ab.why.better": "{side} loses {by} less on average, and the confidence interval excludes 0.",
  "ab.why.early": "{n_days} of the {minimum} sessions fixed before the start have passed.",
  "ab.why.equal": "Both versions say the same of every item, to 0.1 percentage points.",
  "ab.why.far": "Confirming a difference this size would take {sessions} sessions.",
  "ab.why.few_blocks": "There are too few independent periods to tell yet.",
  "ab.why.open": "The confidence interval still includes 0; more sessions may tell.",
  "ab.why.small": "If there is a difference, it is smaller than {gap}.",
  "ab.why.small_so_far": "The difference is certain but so far smaller than {gap}.",
};
