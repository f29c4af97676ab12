import renderToString from "preact-render-to-string";
import { describe, expect, test } from "vitest";

import { Chance } from "../src/pages/stock/chance";

const bar = (p: number, usual: number | null) => {
  const drawn = renderToString(<Chance p={p} usual={usual} side="flat" />);
  const found = /class="chance-flat" x="([\d.]+)" width="([\d.]+)"/.exec(drawn);
  return { x: Number(found?.[1]), width: Number(found?.[2]) };
};

describe("a chance is drawn from its base rate", () => {
  test.each([0.42, 0.5, 0.58])("nothing to see at a base rate of %d", (usual) => {
    expect(bar(usual, usual).width).toBe(0);
  });

  test("to the right above it, to the left below it, also on the same side of one half", () => {
    expect(bar(0.48, 0.42).x).toBe(32);
    expect(bar(0.52, 0.58).x).toBeLessThan(32);
    expect(bar(0.48, 0.42).width).toBeCloseTo(9.6);
    expect(bar(0.52, 0.58).width).toBeCloseTo(9.6);
  });

  test("from one half where a forecast does not name it", () => {
    expect(bar(0.6, null)).toEqual({ x: 32, width: expect.closeTo(16) });
  });
});
