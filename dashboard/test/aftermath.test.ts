// What came after something was said: how it ended in one word, and what explains it.

import { describe, expect, test } from "vitest";

import type { Schemas } from "../src/api/client";
import { endingOf, sumOfParts, whyOf } from "../src/views/aftermath";

type Move = Schemas["MoveItem"];
const ASOF = "2026-11-20T06:00:00Z";

function story(id: number, known_at: string): Schemas["MoveStory"] {
  return {
    story_id: id,
    news_id: id,
    title: `story ${id}`,
    publisher: "p",
    known_at,
    event_type: "contract",
    sign: "+",
  };
}

function move(own: number, stories: Schemas["MoveStory"][] = [], values: Partial<Move> = {}): Move {
  const parts: Move["parts"] = [
    { part: "market", share: 0.01 },
    { part: "industry", share: 0.002 },
    { part: "own", share: own },
  ];
  const times = { stock_code: "005930", trade_date: "2026-11-21", is_final: true, known_at: ASOF };
  const sizes = { move: own, market_return: 0.01, industry_stocks: 4, own_sigmas: 1 };
  return { ...times, ...sizes, parts, cause: stories.length ? "story" : "usual", stories, ...values };
}

describe("what explains it", () => {
  const known = story(1, "2026-11-20T05:00:00Z");
  const later = story(2, "2026-11-21T01:00:00+00:00");
  const atOnce = story(3, "2026-11-20T15:00:00+09:00");

  test.each([
    [
      "a later story first, although a larger session has one that was known",
      [move(0.05, [known]), move(0.01, [later])],
      "later",
      2,
    ],
    [
      "of later stories the one of the largest session",
      [move(0.01, [story(9, later.known_at)]), move(-0.05, [later])],
      "later",
      2,
    ],
    ["one that was known", [move(0.01, [known])], "known", 1],
    ["one known at the very moment is not later", [move(0.01, [atOnce])], "known", 3],
    ["nothing where all was usual", [move(0.01)], "usual", undefined],
    ["nothing although it was large", [move(0.01), move(0.05, [], { cause: "no_story" })], "none", undefined],
    ["nothing was split", [], "unsplit", undefined],
  ])("%s", (_, sessions, kind, id) => {
    const why = whyOf(sessions, ASOF);
    expect([why.kind, why.story?.story_id]).toEqual([kind, id]);
  });

  test("parts add up over the sessions", () => {
    const found = sumOfParts([move(0.01), move(-0.03)]);
    expect(found?.market).toBeCloseTo(0.02);
    expect(found?.industry).toBeCloseTo(0.004);
    expect(found?.own).toBeCloseTo(-0.02);
    expect(sumOfParts([])).toBeNull();
  });

  test("an industry that one session lacks is a part of the stock's own", () => {
    const parts: Move["parts"] = [
      { part: "market", share: 0.01 },
      { part: "own", share: 0.02 },
    ];
    const found = sumOfParts([move(0.01), move(0.02, [], { parts })]);
    expect(found?.industry).toBeNull();
    expect(found?.own).toBeCloseTo(0.032);
  });
});

describe("how it ended", () => {
  const said = (verdict: string, p_up: number, outcome: object | null) =>
    endingOf({
      prediction: { verdict, direction: p_up > 0.5 ? "up" : "down", p_up },
      base_rate: 0.46,
      outcome,
    } as never);
  const final = (y: number) => ({ state: "final", y });

  test.each([
    ["call", 0.6, final(1), "right"],
    ["call", 0.6, final(0), "wrong"],
    ["call", 0.6, final(0.5), "even"],
    ["call", 0.6, null, "pending"],
    ["call", 0.6, { state: "void", y: null }, "void"],
    ["lean", 0.48, final(0), "lean_up"],
    ["lean", 0.44, final(0), "lean_down"],
    ["lean", 0.48, null, "pending"],
    ["none", 0.46, final(1), "hold"],
  ])("%s at %d", (verdict, p_up, outcome, ending) => expect(said(verdict, p_up, outcome)).toBe(ending));
});
