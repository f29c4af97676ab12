// What the overview shows of the answer of /api/dashboard.

import type { Schemas } from "../api/client";
import { wordOf, type Word } from "./word";

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
  return [...record].filter((item) => item.n > 0).sort((a, b) => order(a) - order(b))[0];
}

type Figure = Partial<Record<"value" | "low" | "high" | "baseline", number | null>> | null;
type Skill = "shown" | "same" | "none" | "worse";

/** The last digit in which shares are shown: closer ones are the same to a reader. */
const SAME_WITHIN = 0.001;
const ROUNDING = 1e-9;
// A skill is shown in four digits.
const SKILL_STEPS = 10_000;

/** Which side of its baseline a share stands on: 1 above, -1 below, 0 the same; null where one is not known. */
function sideOfBaseline(share: Figure): number | null {
  if (share?.value == null || share.baseline == null) return null;
  const gap = share.value - share.baseline;
  return Math.abs(gap) <= SAME_WITHIN + ROUNDING ? 0 : Math.sign(gap);
}

/** Which side of zero the whole interval of a skill lies on, in the digits that are shown; 0 if it holds zero. */
function provenSide(skill: Figure): number {
  const shown = (end: number | null | undefined) => Math.round((end ?? 0) * SKILL_STEPS);
  return shown(skill?.low) > 0 ? 1 : shown(skill?.high) < 0 ? -1 : 0;
}

/**
 * The word that stands beside an accuracy and its baseline. Better or worse is said only where the Brier skill proves
 * it and the two figures that the reader sees agree; figures that look equal are the same unless the skill is worse.
 */
export function skillOf(record: { accuracy: Figure; brier_skill: Figure }): Skill {
  const proven = provenSide(record.brier_skill);
  const seen = sideOfBaseline(record.accuracy);
  if (seen === 0) return proven < 0 ? "none" : "same";
  if (proven === 0 || (seen !== null && seen !== proven)) return "none";
  return proven > 0 ? "shown" : "worse";
}

/** How many stocks have which word at the shortest horizon. */
export function wordsOf(stocks: readonly Pick<Row, "forecasts">[]): Record<Word, number> {
  const found = { call_up: 0, call_down: 0, lean_up: 0, lean_down: 0, none: 0 };
  for (const { forecasts } of stocks) if (forecasts[0]) found[wordOf(forecasts[0], forecasts[0].base_rate)] += 1;
  return found;
}
