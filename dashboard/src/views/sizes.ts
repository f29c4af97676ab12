// How large a move is expected beside the usual one.

import type { Schemas } from "../api/client";

type Size = Pick<Schemas["SizeItem"], "expected" | "usual">;

/** A move is told apart from the usual one from a quarter more, or a fifth less, on. */
const LARGER = 1.25;
const SMALLER = 0.8;

type Band = Pick<Schemas["SizeItem"], "low_krw" | "high_krw" | "exit_trade_date">;
type Forecast = Pick<Schemas["PredictionRow"], "quantiles_krw" | "exit_trade_date">;

/** The range of 80 % until a day: that of the shown forecast, which is shifted by its chance, else of the size alone. */
export function bandOf(size: Band, forecast: Forecast | undefined): { low_krw: number; high_krw: number } {
  const [, low_krw, , , , high_krw] = forecast?.exit_trade_date === size.exit_trade_date ? forecast.quantiles_krw : [];
  return low_krw !== undefined && high_krw !== undefined ? { low_krw, high_krw } : size;
}

export type SizeWord = "larger" | "usual" | "smaller";

export function ratioOf({ expected, usual }: Size): number {
  return usual > 0 ? expected / usual : 1;
}

export function sizeWord(size: Size): SizeWord {
  const ratio = ratioOf(size);
  return ratio >= LARGER ? "larger" : ratio <= SMALLER ? "smaller" : "usual";
}
