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
  edge: number;
}

/** Forecasts farthest from an even chance, one a stock. */
export function strongest(stocks: readonly Row[], limit = 6): Strong[] {
  const found = stocks.flatMap((row) => {
    const [best] = row.forecasts
      .map((forecast) => ({ row, forecast, edge: forecast.p_up - 0.5 }))
      .sort((a, b) => Math.abs(b.edge) - Math.abs(a.edge));
    return best ? [best] : [];
  });
  return found.sort((a, b) => Math.abs(b.edge) - Math.abs(a.edge)).slice(0, limit);
}

/** "learning: 23 of 60 sessions" in the reader's language; other states word for word. */
export function stateWords(state: string | null | undefined, language: Language): string {
  if (!state) return say(language, "forecast.none");
  const learning = /^learning: ([\d,]+) of ([\d,]+) (\w+)/.exec(state);
  if (learning) return say(language, "forecast.learning", { done: learning[1] ?? "", wanted: learning[2] ?? "" });
  return state === "trained" ? say(language, "forecast.trained") : state;
}
