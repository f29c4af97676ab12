import { expect, test } from "vitest";

import { standingOf } from "../src/pages/stock/view";

test.each([
  [0.8, "upper", 0.2],
  [0.5, "upper", 0.5],
  [0.25, "lower", 0.25],
  [0.999, "upper", 0.01],
  [0, "lower", 0.01],
])("a forecast that places %d of the stocks lower is in the %s %d", (below, end, share) => {
  const found = standingOf({ explanation: { standing: { below, n: 310 } } });
  expect(found).toMatchObject({ end, n: 310 });
  expect(found?.share).toBeCloseTo(share, 9);
});

test("a forecast without a rank stands nowhere", () => {
  expect(standingOf({ explanation: { p0: 0.45 } })).toBeNull();
});
