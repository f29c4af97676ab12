// The watchlist of the overview: which rows come first, which are shown, and what explains a row in one line.

import type { Schemas } from "../api/client";
import { ratioOf, sizeWord } from "./sizes";

export type Row = Schemas["StockRow"];
export type Moved = Schemas["WatchedMove"];
type Ranked = Pick<Row, "status" | "name" | "change" | "size" | "event" | "forecasts">;
type LastMove = Pick<Schemas["LastMove"], "own_sigmas">;

export const SORTS = ["watch", "name", "change", "size", "chance"] as const;
export type Sort = (typeof SORTS)[number];
export const SHOWN = ["all", "watch", "words", "events"] as const;
export type Shown = (typeof SHOWN)[number];

// Trouble goes before a call, a call before any size; an event, or a move that is unusual for the stock, counts as much as
// half of the usual size more.
const TROUBLE = 100;
const CALL = 10;
const NEWS = 0.5;
const UNUSUAL_SIGMAS = 2;

const saysOf = ({ forecasts }: Pick<Ranked, "forecasts">) =>
  forecasts.find(({ horizon }) => horizon === 1) ?? forecasts[0];
const hasCall = ({ forecasts }: Pick<Ranked, "forecasts">) => forecasts.some(({ verdict }) => verdict === "call");
const isUnusual = (move: LastMove | null | undefined) => Math.abs(move?.own_sigmas ?? 0) >= UNUSUAL_SIGMAS;

function rankOf(row: Ranked, move: LastMove | null | undefined): number {
  const trouble = row.status === "normal" ? 0 : TROUBLE;
  const news = (row.event ? NEWS : 0) + (isUnusual(move) ? NEWS : 0);
  return trouble + (hasCall(row) ? CALL : 0) + (row.size ? ratioOf(row.size) : 1) + news;
}

/** Whether something may happen: trouble, a call, an event, an unusual move or one that is expected to be large. */
export function standsOut(row: Ranked, move?: LastMove | null): boolean {
  const isLarge = row.size !== null && sizeWord(row.size) === "larger";
  return row.status !== "normal" || hasCall(row) || row.event !== null || isLarge || isUnusual(move);
}

const FILTERS: Record<Shown, (row: Ranked, move?: LastMove | null) => boolean> = {
  all: () => true,
  watch: standsOut,
  words: ({ forecasts }) => forecasts.some(({ verdict }) => verdict !== "none"),
  events: ({ event }) => event !== null,
};

/** Distance of the chance to beat the market from the usual one; nothing said is none. */
function distanceOf(row: Ranked): number {
  const says = saysOf(row);
  return says ? Math.abs(says.p_up - (says.base_rate ?? 0.5)) : -1;
}

/** The rows that are `shown`, largest first by `sort` (names from the beginning); equal ones stay in their order. */
export function arranged<Item extends Ranked & { code: string }>(
  rows: readonly Item[],
  moves: ReadonlyMap<string, Pick<Moved, "move">>,
  { sort, shown }: { sort: Sort; shown: Shown },
): Item[] {
  const moveOf = ({ code }: Item) => moves.get(code)?.move;
  const found = rows.filter((row) => FILTERS[shown](row, moveOf(row)));
  if (sort === "name") return found.sort((a, b) => a.name.localeCompare(b.name, "ko"));
  const figure: Record<Exclude<Sort, "name">, (row: Item) => number> = {
    watch: (row) => rankOf(row, moveOf(row)),
    change: ({ change }) => (change === null ? -1 : Math.abs(change)),
    size: (row) => row.size?.expected ?? -1,
    chance: distanceOf,
  };
  return found.sort((a, b) => figure[sort](b) - figure[sort](a));
}

export type Reason =
  | { kind: "trouble"; status: string }
  | { kind: "story" | "event"; news_id: number; title: string; event_type: string }
  | { kind: "cause"; cause: string }
  | { kind: "none" };

/** Why a row is as it is: trouble, the story that fits its move, else its newest event, which explains no move, else what the move was. */
export function reasonOf(row: Pick<Row, "status" | "event">, move: Schemas["LastMove"] | null | undefined): Reason {
  if (row.status !== "normal") return { kind: "trouble", status: row.status };
  const story = move?.cause === "story" ? move.story : null;
  const told = story ?? row.event;
  const kind = story ? "story" : "event";
  if (told) return { kind, news_id: told.news_id, title: told.title, event_type: told.event_type };
  return move ? { kind: "cause", cause: move.cause } : { kind: "none" };
}

/** The stock whose price moved the most since the last close; undefined while none has a price. */
export function mostMoved<Item extends Pick<Row, "change">>(rows: readonly Item[]): Item | undefined {
  const priced = rows.filter(({ change }) => change !== null);
  return [...priced].sort((a, b) => Math.abs(b.change ?? 0) - Math.abs(a.change ?? 0))[0];
}

/** Values as points of a line of that width and height, as "x,y x,y": the lowest at the bottom; empty below two. */
export function linePoints(
  values: readonly number[],
  [low, high]: [number, number],
  width: number,
  height: number,
): string {
  if (values.length < 2) return "";
  const step = width / (values.length - 1);
  const y = (value: number) => (high > low ? height - ((value - low) / (high - low)) * height : height / 2);
  return values.map((value, index) => `${Math.round(index * step)},${Math.round(y(value) * 10) / 10}`).join(" ");
}
