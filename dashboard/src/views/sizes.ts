// How large a move is expected beside the usual one, and which stocks to watch for it.

import type { Schemas } from "../api/client";

interface Watched {
  size: Size | null;
  event: unknown;
  forecasts: readonly Pick<Schemas["ForecastItem"], "verdict">[];
}
type Size = Pick<Schemas["SizeItem"], "expected" | "usual">;

/** A move is told apart from the usual one from a quarter more, or a fifth less, on. */
const LARGER = 1.25;
const SMALLER = 0.8;

export type SizeWord = "larger" | "usual" | "smaller";

export function ratioOf({ expected, usual }: Size): number {
  return usual > 0 ? expected / usual : 1;
}

export function sizeWord(size: Size): SizeWord {
  const ratio = ratioOf(size);
  return ratio >= LARGER ? "larger" : ratio <= SMALLER ? "smaller" : "usual";
}

/** An event counts as much as a quarter more than the usual size, a call more than any size. */
const EVENT = 0.25;
const CALL = 10;

/** Stocks with a call, an event, or a next move that is expected to be larger than usual; the largest first. */
export function toWatch<Item extends Watched>(stocks: readonly Item[], limit = 6): Item[] {
  const hasCall = ({ forecasts }: Item) => forecasts.some(({ verdict }) => verdict === "call");
  const isLarge = ({ size }: Item) => size !== null && sizeWord(size) === "larger";
  const rank = (item: Item) =>
    (hasCall(item) ? CALL : 0) + (item.size ? ratioOf(item.size) : 1) + (item.event ? EVENT : 0);
  const found = stocks.filter((item) => hasCall(item) || item.event !== null || isLarge(item));
  return [...found].sort((a, b) => rank(b) - rank(a)).slice(0, limit);
}
