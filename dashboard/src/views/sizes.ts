// How large a move is expected beside the usual one.

import type { Schemas } from "../api/client";

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
