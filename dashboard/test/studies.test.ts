import { describe, expect, test } from "vitest";

import { findingOf, scaleOf, shownStudies } from "../src/views/studies";

type Given = Parameters<typeof scaleOf>[0][number];

const study = (type: string, verdict: Given["verdict"], changes: Partial<Given> = {}): Given => ({
  type,
  sign: "+",
  size: "any",
  n: 30,
  mean: 0.01,
  low: 0.002,
  high: 0.018,
  verdict,
  ...changes,
});

describe("studies of events", () => {
  test("a side is named only where there is an effect", () => {
    expect(findingOf({ verdict: "effect", mean: 0.01 })).toBe("up");
    expect(findingOf({ verdict: "effect", mean: -0.01 })).toBe("down");
    expect(findingOf({ verdict: "none", mean: 0.01 })).toBe("none");
    expect(findingOf({ verdict: "too_few", mean: -0.2 })).toBe("tooFew");
  });

  test("effects come first, then what rests on most stories; sums of types and signs are left out", () => {
    const studies = [
      study("any", "effect", { sign: "any" }),
      study("lawsuit", "effect", { sign: "any" }),
      study("ceo", "too_few", { n: 90 }),
      study("dividend", "none"),
      study("results", "effect", { n: 20 }),
      study("contract", "effect", { n: 40 }),
    ];
    expect(shownStudies(studies).map(({ type }) => type)).toEqual(["contract", "results", "dividend", "ceo"]);
  });

  test("the scale holds every interval that tells something, between one and five percent", () => {
    expect(scaleOf([study("contract", "effect", { low: -0.03, high: 0.02 })])).toBe(0.03);
    expect(scaleOf([study("ceo", "too_few", { low: -0.04, high: 0.04 })])).toBe(0.01);
    expect(scaleOf([study("contract", "effect", { high: 0.4 })])).toBe(0.05);
    expect(scaleOf([])).toBe(0.01);
  });
});
