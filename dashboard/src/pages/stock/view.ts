// View model of the stock page: the newest forecasts, the forecast fan and news by trading day.

import type { Schemas } from "../../api/client";
import { dayOf } from "../../format";

type Prediction = Schemas["PredictionRow"];

/** The newest forecast of each horizon, shortest first. */
export function latestForecasts<Item extends Pick<Prediction, "horizon" | "asof">>(items: readonly Item[]): Item[] {
  const newest = new Map<number, Item>();
  for (const item of items) {
    const known = newest.get(item.horizon);
    if (!known || item.asof > known.asof) newest.set(item.horizon, item);
  }
  return [...newest.values()].sort((a, b) => a.horizon - b.horizon);
}

export interface Standing {
  end: "upper" | "lower";
  /** Of all stocks of the day, those at least as near to that end; at least one in a hundred. */
  share: number;
  n: number;
}

/** Where a forecast stands among all stocks of its day, from the stored explanation; null where it does not say. */
export function standingOf({ explanation }: Pick<Prediction, "explanation">): Standing | null {
  const found = explanation["standing"] as { below: number; n: number } | undefined;
  if (!found) return null;
  const end = found.below >= 0.5 ? "upper" : "lower";
  const share = end === "upper" ? 1 - found.below : found.below;
  return { end, share: Math.max(0.01, share), n: found.n };
}

/** The lower bound of what forecasts like this one earned, from the stored explanation; null while it is not known. */
export function lowOf({ explanation }: Pick<Prediction, "explanation">): number | null {
  const proof = explanation["proof"] as { low: number | null } | undefined;
  return proof?.low ?? null;
}

export interface FanPoint {
  time: string;
  low80: number;
  low50: number;
  median: number;
  high50: number;
  high80: number;
}

function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

function isWeekday(date: string): boolean {
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
  return weekday > 0 && weekday < 6;
}

/** Price bands at the exit of each horizon, linearly interpolated on the weekdays between; empty without bands. */
export function fanOf(
  forecasts: readonly Pick<Prediction, "horizon" | "exit_trade_date" | "quantiles_krw" | "base_price_krw">[],
  from: string,
): FanPoint[] {
  const first = forecasts[0];
  if (!first) return [];
  const base = first.base_price_krw;
  const points: FanPoint[] = [{ time: from, low80: base, low50: base, median: base, high50: base, high80: base }];
  for (const { exit_trade_date: time, quantiles_krw: q } of forecasts) {
    const last = points.at(-1);
    if (!last || time <= last.time || q.length < 7) continue;
    const [, low80 = 0, low50 = 0, median = 0, high50 = 0, high80 = 0] = q;
    const next: FanPoint = { time, low80, low50, median, high50, high80 };
    points.push(...interpolateDays(last, next), next);
  }
  return points.length > 1 ? points : [];
}

function interpolateDays(last: FanPoint, next: FanPoint): FanPoint[] {
  const days: string[] = [];
  for (let day = addDays(last.time, 1); day < next.time; day = addDays(day, 1)) if (isWeekday(day)) days.push(day);
  const interpolate = (a: number, b: number, share: number) => Math.round(a + (b - a) * share);
  return days.map((time, index) => {
    const share = (index + 1) / (days.length + 1);
    return {
      time,
      low80: interpolate(last.low80, next.low80, share),
      low50: interpolate(last.low50, next.low50, share),
      median: interpolate(last.median, next.median, share),
      high50: interpolate(last.high50, next.high50, share),
      high80: interpolate(last.high80, next.high80, share),
    };
  });
}

export type Sign = "up" | "down" | "none";

export interface NewsDay {
  time: string;
  count: number;
  /** Of the newest story of that day. */
  id: number;
  title: string;
  /** Of the story that matters most; the newest of those that matter as much. */
  sign: Sign;
}

type Told = Pick<Schemas["EventOfStock"], "news_id" | "known_at" | "title" | "sign" | "materiality">;

const SIGNS: Partial<Record<string, Sign>> = { "+": "up", "-": "down" };

/** Number, newest story and sign of the stories of each trading day; those of a day without a bar count for the next one. */
export function newsByDay(stories: readonly Told[], days: readonly string[]): NewsDay[] {
  const found = new Map<string, NewsDay & { most: number }>();
  for (const { news_id: id, known_at, title, sign, materiality } of stories) {
    const date = dayOf(known_at);
    const time = days.find((day) => day >= date);
    if (!time || (days[0] && date < days[0])) continue;
    const known = found.get(time) ?? { time, count: 0, id, title, sign: "none", most: -1 };
    const matters = materiality > known.most ? { sign: SIGNS[sign] ?? "none", most: materiality } : {};
    found.set(time, { ...known, ...matters, count: known.count + 1 });
  }
  return [...found.values()]
    .map(({ time, count, id, title, sign }) => ({ time, count, id, title, sign }))
    .sort((a, b) => a.time.localeCompare(b.time));
}

/** A candle: of a day by its date, of a minute by the seconds of its clock in Seoul. */
export interface Candle {
  time: string | number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

/** Prices adjusted for splits; a day without a trade is a line at the close that it carries. */
export function dailyCandles(bars: readonly Schemas["BarItem"][]): Candle[] {
  return bars.map(({ trade_date, adjust_factor: factor, regular_close_krw: close, volume, ...bar }) => ({
    time: trade_date,
    open: (bar.open_krw ?? close) * factor,
    high: (bar.high_krw ?? close) * factor,
    low: (bar.low_krw ?? close) * factor,
    close: close * factor,
    volume,
  }));
}

const SEOUL_S = 9 * 3600;

type Minutes = Pick<Schemas["MinuteBarItem"], "ts" | "open_krw" | "high_krw" | "low_krw" | "close_krw" | "volume">;

/** Of bars of minutes, newest first, those of the newest day, oldest first. */
export function minuteCandles(minutes: readonly Minutes[]): Candle[] {
  const candles = minutes.map(({ ts, open_krw: open, high_krw: high, low_krw: low, close_krw: close, volume }) => ({
    time: Math.floor(Date.parse(ts) / 1000) + SEOUL_S,
    open,
    high,
    low,
    close,
    volume,
  }));
  const dayOf = (time: number) => Math.floor(time / 86_400);
  return candles.filter(({ time }) => dayOf(time) === dayOf(candles[0]?.time ?? 0)).reverse();
}

export const PERIODS = ["1d", "1w", "1m", "3m", "1y", "all"] as const;
export type Period = (typeof PERIODS)[number];

/** How many of the newest candles a period shows: sessions, and of one day all of its minutes. */
export const SHOWN: Record<Period, number> = {
  "1d": Infinity,
  "1w": 5,
  "1m": 21,
  "3m": 63,
  "1y": 250,
  "all": Infinity,
};

/** The closes of an index in the prices of a stock: both are one at the first of the newest `sessions` that has both. */
export function indexLine(
  candles: readonly Pick<Candle, "time" | "close">[],
  index: readonly Pick<Schemas["IndexBar"], "trade_date" | "close">[],
  sessions: number,
): { time: string; value: number }[] {
  const closes = new Map(index.map(({ trade_date, close }) => [trade_date, close]));
  const shown = candles.slice(Math.max(0, candles.length - sessions));
  const first = shown.find(({ time }) => closes.has(String(time)));
  const start = first && closes.get(String(first.time));
  if (!first || !start) return [];
  return shown.flatMap(({ time }) => {
    const close = closes.get(String(time));
    return close === undefined ? [] : [{ time: String(time), value: (close / start) * first.close }];
  });
}
