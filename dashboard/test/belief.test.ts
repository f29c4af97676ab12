// What the models page says of whether a model is to be believed, and the picture of its leaderboard.

import { expect, test } from "vitest";

import { ticksOf } from "../src/pages/models/calibration-chart";
import { beliefOf } from "../src/pages/models/belief";
import { plotOf } from "../src/pages/models/skill-plot";

const skill = (low: number, high: number) => ({ value: (low + high) / 2, low, high });
const accuracy = { value: 0.53, baseline: 0.51 };
const standing = (values: object) =>
  ({ model: "gated", too_early: false, accuracy, brier_skill: skill(0.001, 0.003), ...values }) as never;

test.each([
  ["proven", {}, "shown"],
  ["its interval holds zero", { brier_skill: skill(-0.001, 0.003) }, "none"],
  ["too few sessions, however good", { too_early: true }, "early"],
  ["nothing scored", { brier_skill: null }, "early"],
  ["worse", { brier_skill: skill(-0.003, -0.001), accuracy: { value: 0.49, baseline: 0.51 } }, "worse"],
  ["the same", { accuracy: { value: 0.51, baseline: 0.51 } }, "same"],
])("%s", (_, values, belief) => expect(beliefOf(standing(values))).toBe(belief));

test("the picture holds every whisker and the baseline, and leaves out what has no score", () => {
  const plot = plotOf([
    standing({}),
    standing({ model: "young", brier_skill: null }),
    standing({ brier_skill: skill(0.01, 0.05) }),
  ]);
  expect([plot.rows.length, plot.low, plot.high]).toEqual([2, 0, 0.05]);
});

test("ticks of both axes are round and inside", () => {
  expect(ticksOf(0.36, 0.59).map((tick) => Math.round(tick * 100))).toEqual([40, 45, 50, 55]);
  expect(ticksOf(0, 1).map((tick) => Math.round(tick * 100))).toEqual([0, 20, 40, 60, 80, 100]);
  expect(ticksOf(0.5, 0.54).map((tick) => Math.round(tick * 100))).toEqual([50, 51, 52, 53, 54]);
});
