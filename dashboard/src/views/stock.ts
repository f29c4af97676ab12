// View models of the stock page: the newest forecasts, news by day, and lines of two reports that differ.

import type { Schemas } from "../api/client";
import { dayOf } from "../format";

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

/** What azak says without any evidence, from the stored explanation; null where it does not name it. */
export function baseRateOf({ explanation }: Pick<Prediction, "explanation">): number | null {
  const found = explanation["p0"];
  return typeof found === "number" ? found : null;
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

/** Bands at the exits of the horizons, with the sessions between them filled in by straight lines. */
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
    points.push(...between(last, next), next);
  }
  return points.length > 1 ? points : [];
}

function between(last: FanPoint, next: FanPoint): FanPoint[] {
  const days: string[] = [];
  for (let day = addDays(last.time, 1); day < next.time; day = addDays(day, 1)) if (isWeekday(day)) days.push(day);
  const mix = (a: number, b: number, share: number) => Math.round(a + (b - a) * share);
  return days.map((time, index) => {
    const share = (index + 1) / (days.length + 1);
    return {
      time,
      low80: mix(last.low80, next.low80, share),
      low50: mix(last.low50, next.low50, share),
      median: mix(last.median, next.median, share),
      high50: mix(last.high50, next.high50, share),
      high80: mix(last.high80, next.high80, share),
    };
  });
}

export interface NewsDay {
  time: string;
  count: number;
  /** The newest of that day. */
  id: number;
  title: string;
}

/** News a trading day of the chart; what came on a day without a bar belongs to the next session. */
export function newsByDay(
  news: readonly Pick<Schemas["NewsItem"], "id" | "known_at" | "title">[],
  days: readonly string[],
): NewsDay[] {
  const found = new Map<string, NewsDay>();
  for (const item of news) {
    const date = dayOf(item.known_at);
    const time = days.find((day) => day >= date);
    if (!time || (days[0] && date < days[0])) continue;
    const known = found.get(time);
    if (known) known.count += 1;
    else found.set(time, { time, count: 1, id: item.id, title: item.title });
  }
  return [...found.values()].sort((a, b) => a.time.localeCompare(b.time));
}

export type Verdict = "right" | "wrong" | "hold" | "pending" | "void";

export interface Call {
  direction: Schemas["Direction"];
  outcome_state?: string | null;
  y?: number | null;
}

/** Whether a call was right. "hold" said nothing; an unchanged price judges nobody. */
export function verdictOf({ direction, outcome_state, y }: Call): Verdict {
  if (outcome_state === "void") return "void";
  if (outcome_state !== "final" || y == null) return "pending";
  if (direction === "hold" || (y !== 0 && y !== 1)) return "hold";
  return (direction === "up") === (y === 1) ? "right" : "wrong";
}

/** How many judged calls there are, how many ended inside the 80 % band, and how many opinions were right. */
export function summaryOf(judged: readonly (Call & { in_band?: boolean | null })[]): Record<string, number> {
  const verdicts = judged.map(verdictOf);
  const right = verdicts.filter((verdict) => verdict === "right").length;
  const wrong = verdicts.filter((verdict) => verdict === "wrong").length;
  const banded = judged.filter((call) => call.in_band != null);
  return { n: banded.length, inside: banded.filter((call) => call.in_band).length, right, opinions: right + wrong };
}

export interface DiffLine {
  mark: "same" | "new" | "gone";
  text: string;
}

/** Lines of `after` against `before` (longest common subsequence; reports are some dozens of lines). */
export function diffLines(before: string, after: string): DiffLine[] {
  const a = before.split("\n").filter(Boolean);
  const b = after.split("\n").filter(Boolean);
  const common: number[][] = Array.from({ length: a.length + 1 }, () => Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number) => common[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i]![j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) lines.push({ mark: "same", text: b[j++]! }) && i++;
    else if (j < b.length && (i === a.length || at(i, j + 1) >= at(i + 1, j)))
      lines.push({ mark: "new", text: b[j++]! });
    else lines.push({ mark: "gone", text: a[i++]! });
  }
  return lines;
}
