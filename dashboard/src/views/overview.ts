// What the overview shows of the answer of /api/dashboard.

import type { Schemas } from "../api/client";
import type { Language } from "../format";
import { say } from "../i18n/words";

type Row = Schemas["StockRow"];
type Forecast = Schemas["ForecastItem"];
type Record_ = Schemas["RecordItem"];

export function forecastOf(row: Pick<Row, "forecasts">, horizon: number): Forecast | undefined {
  return row.forecasts.find((forecast) => forecast.horizon === horizon);
}

/** The record that speaks first: live calls if any were scored, else the replay; the shortest horizon. */
export function headlineRecord(record: readonly Record_[]): Record_ | undefined {
  const order = (item: Record_) =>
    (item.mode === "live" ? 0 : item.mode === "backtest" ? 10 : 20) + (item.horizon || 9);
  return [...record].filter((item) => item.accuracy).sort((a, b) => order(a) - order(b))[0];
}

export interface Strong {
  row: Row;
  forecast: Forecast;
}

/** Whether skill is shown: its interval must clear zero, on either side. */
export function skillOf(
  skill: { low?: number | null; high?: number | null } | null | undefined,
): "shown" | "none" | "worse" {
  if (skill?.low != null && skill.low > 0) return "shown";
  return skill?.high != null && skill.high < 0 ? "worse" : "none";
}

/** How many stocks are called up, down, or left open at the shortest horizon. */
export function opinionsOf(stocks: readonly Pick<Row, "forecasts">[]): Record<Schemas["Direction"], number> {
  const found = { up: 0, down: 0, hold: 0 };
  for (const { forecasts } of stocks) if (forecasts[0]) found[forecasts[0].direction] += 1;
  return found;
}

/** Forecasts farthest from an even chance, one a stock; those that dare an opinion first. */
export function strongest(stocks: readonly Row[], limit = 6): Strong[] {
  const rank = ({ forecast }: Strong) => (forecast.direction === "hold" ? 0 : 1) + Math.abs(forecast.p_up - 0.5);
  const best = (row: Row) => row.forecasts.map((forecast) => ({ row, forecast })).sort((a, b) => rank(b) - rank(a))[0];
  const found = stocks.map(best).filter((strong) => strong !== undefined);
  return found.sort((a, b) => rank(b) - rank(a)).slice(0, limit);
}

/** "learning: 23 of 60 sessions" in the reader's language; other states word for word. */
export function stateWords(state: string | null | undefined, language: Language): string {
  if (!state) return say(language, "forecast.none");
  const learning = /^learning: ([\d,]+) of ([\d,]+) (\w+)/.exec(state);
  if (learning) return say(language, "forecast.learning", { done: learning[1] ?? "", wanted: learning[2] ?? "" });
  return state === "trained" ? say(language, "forecast.trained") : state;
}
