import { expect, test } from "vitest";

import { sizeWord, toWatch } from "../src/views/sizes";

test.each([
  [0.025, 0.02, "larger"],
  [0.0249, 0.02, "usual"],
  [0.0161, 0.02, "usual"],
  [0.016, 0.02, "smaller"],
  [0.02, 0, "usual"],
])("%d where %d is usual: %s", (expected, usual, word) => expect(sizeWord({ expected, usual })).toBe(word));

const sized = (expected: number) => ({ expected, usual: 0.02 });
const quiet = { code: "quiet", size: sized(0.02), event: null, forecasts: [{ verdict: "lean" as const }] };
const wild = { ...quiet, code: "wild", size: sized(0.05) };
const news = { ...quiet, code: "news", event: {} };
const both = { ...wild, code: "both", event: {} };
const called = { ...quiet, code: "called", forecasts: [{ verdict: "call" as const }] };
const young = { ...quiet, code: "young", size: null };

test("what is larger than usual, new or called is watched, and nothing else", () => {
  const found = toWatch([quiet, wild, news, both, called, young]);
  expect(found.map(({ code }) => code)).toEqual(["called", "both", "wild", "news"]);
  expect(toWatch([quiet, young])).toEqual([]);
  expect(toWatch([wild, both], 1).map(({ code }) => code)).toEqual(["both"]);
});
