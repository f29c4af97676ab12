// What the chart of a stock draws: candles of days and minutes, signs of days with news, and an index in its prices.

import { describe, expect, test } from "vitest";

import { dailyCandles, indexLine, minuteCandles, newsByDay } from "../src/pages/stock/view";

const told = (news_id: number, sign: "+" | "-" | "0" | "reversed", materiality: number) => ({
  news_id,
  sign,
  materiality,
  known_at: "2026-03-06T03:00:00Z",
  title: `t${news_id}`,
});
const signOf = (...stories: ReturnType<typeof told>[]) => newsByDay(stories, ["2026-03-06"])[0]?.sign;

describe("a day with news has the sign of what matters most", () => {
  test.each([
    ["good", [told(1, "+", 1)], "up"],
    ["bad", [told(1, "-", 1)], "down"],
    ["neither", [told(1, "0", 3)], "none"],
    ["called off", [told(1, "reversed", 3)], "none"],
    ["the larger one", [told(2, "+", 1), told(1, "-", 3)], "down"],
    ["the newest of two that matter as much", [told(2, "+", 1), told(1, "-", 1)], "up"],
  ] as const)("%s", (_, stories, sign) => expect(signOf(...stories)).toBe(sign));
});

test("candles of days are in one unit, and a day without a trade is a line", () => {
  const bar = { trade_date: "2026-03-06", regular_close_krw: 100, adjust_factor: 0.5, volume: 0 };
  const [candle] = dailyCandles([{ ...bar, open_krw: null, high_krw: null, low_krw: null } as never]);
  expect(candle).toEqual({ time: "2026-03-06", open: 50, high: 50, low: 50, close: 50, volume: 0 });
});

test("minutes of the newest day stand at the clock of Seoul, oldest first", () => {
  const prices = { open_krw: 1, high_krw: 3, low_krw: 1, close_krw: 2, volume: 9 };
  const newestFirst = ["2026-03-06T06:25:00Z", "2026-03-05T23:55:00Z", "2026-03-05T06:25:00Z"];
  const candles = minuteCandles(newestFirst.map((ts) => ({ ts, ...prices })));
  const moments = candles.map(({ time }) => new Date(Number(time) * 1000).toISOString().slice(0, 16));
  expect(moments).toEqual(["2026-03-06T08:55", "2026-03-06T15:25"]);
});

describe("an index in the prices of the stock", () => {
  const candles = [10, 20, 30].map((close, day) => ({ time: `2026-03-0${day + 1}`, close }));
  const index = [3000, 2000, 1000].map((close, day) => ({ trade_date: `2026-03-0${3 - day}`, close }));

  test("is one with it where the period begins", () => {
    expect(indexLine(candles, index, Infinity).map(({ value }) => value)).toEqual([10, 20, 30]);
    expect(indexLine(candles, index, 2)).toEqual([
      { time: "2026-03-02", value: 20 },
      { time: "2026-03-03", value: 30 },
    ]);
  });
  test("begins where both have a close", () => {
    expect(indexLine(candles, index.slice(0, 1), Infinity)).toEqual([{ time: "2026-03-03", value: 30 }]);
    expect(indexLine(candles, [], Infinity)).toEqual([]);
  });
});
