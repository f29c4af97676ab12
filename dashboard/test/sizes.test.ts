import { expect, test } from "vitest";

import { bandOf, sizeWord } from "../src/views/sizes";

test.each([
  [0.025, 0.02, "larger"],
  [0.0249, 0.02, "usual"],
  [0.0161, 0.02, "usual"],
  [0.016, 0.02, "smaller"],
  [0.02, 0, "usual"],
])("%d where %d is usual: %s", (expected, usual, word) => expect(sizeWord({ expected, usual })).toBe(word));

test("one day has one range: that of the forecast that is shown, else that of the size alone", () => {
  const size = { low_krw: 90, high_krw: 110, exit_trade_date: "2026-12-02" };
  const forecast = { quantiles_krw: [70, 80, 85, 90, 95, 100, 105], exit_trade_date: "2026-12-02" };
  expect(bandOf(size, forecast)).toEqual({ low_krw: 80, high_krw: 100 });
  expect(bandOf(size, { ...forecast, exit_trade_date: "2026-12-03" })).toBe(size);
  expect(bandOf(size, { ...forecast, quantiles_krw: [] })).toBe(size);
  expect(bandOf(size, undefined)).toBe(size);
});
