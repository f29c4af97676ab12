// Which rows of the watchlist come first, which are shown, and what explains one.

import { describe, expect, test } from "vitest";

import { arranged, linePoints, mostMoved, reasonOf, standsOut, type Shown, type Sort } from "../src/views/watchlist";

const sized = (expected: number) => ({ expected, usual: 0.02 });
const said = (verdict: string, p_up = 0.5) => [{ horizon: 1, verdict, p_up, base_rate: 0.46 }];
const base = { status: "normal", change: 0.01, size: sized(0.02), event: null, forecasts: said("lean") };
const row = (code: string, values: object = {}) => ({ ...base, code, name: code, ...values }) as never;
const quiet = row("quiet");
const wild = row("wild", { size: sized(0.05) });
const news = row("news", { event: {} });
const called = row("called", { forecasts: said("call", 0.6) });
const halted = row("halted", { status: "halted", size: null, change: null, forecasts: [] });
const moved = row("moved", { change: -0.08, forecasts: said("none", 0.46) });
const rows = [quiet, wild, news, called, halted, moved] as { code: string }[];
const moves = new Map([["moved", { move: { own_sigmas: -2 } as never }]]);
const order = (sort: Sort, shown: Shown = "all") =>
  arranged(rows as never[], moves, { sort, shown }).map(({ code }) => code);

describe("what comes first", () => {
  test("trouble, then calls, then what may move or has moved", () => {
    expect(order("watch")).toEqual(["halted", "called", "wild", "news", "moved", "quiet"]);
  });
  test("the largest moves, up or down", () => expect(order("change")[0]).toBe("moved"));
  test("what has no price, size or forecast comes last", () => {
    for (const sort of ["change", "size", "chance"] as const) expect(order(sort).at(-1)).toBe("halted");
  });
  test("the chance that is farthest from the usual one", () => expect(order("chance")[0]).toBe("called"));
  test("names from the beginning", () => expect(order("name")).toEqual([...order("name")].sort()));
});

describe("what is shown", () => {
  test.each([
    ["all", ["halted", "called", "wild", "news", "moved", "quiet"]],
    ["watch", ["halted", "called", "wild", "news", "moved"]],
    ["words", ["called", "wild", "news", "quiet"]],
    ["events", ["news"]],
  ] as const)("%s", (shown, codes) => expect(order("watch", shown)).toEqual(codes));

  test("a move of less than two sigmas stands out as little as none", () => {
    expect(standsOut(quiet, { own_sigmas: 1.99 })).toBe(false);
    expect(standsOut(quiet, { own_sigmas: -2 })).toBe(true);
  });
});

describe("why a row is as it is", () => {
  const event = { news_id: 1, title: "event", event_type: "contract" };
  const story = { news_id: 2, title: "story", event_type: "results" };
  const move = (cause: string, told: object | null = null) => ({ cause, story: told }) as never;
  const why = (status: string, told: object | null, last: never | null) =>
    reasonOf({ status, event: told } as never, last);

  test("trouble before anything", () =>
    expect(why("halted", event, move("story", story))).toEqual({ kind: "trouble", status: "halted" }));
  test("the story that fits the move before the event", () =>
    expect(why("normal", event, move("story", story))).toMatchObject({ kind: "story", ...story }));
  test("an event beside a move that no story explains is told as an event", () =>
    expect(why("normal", event, move("usual", story))).toMatchObject({ kind: "event", ...event }));
  test("what the move was", () =>
    expect(why("normal", null, move("no_story"))).toEqual({ kind: "cause", cause: "no_story" }));
  test("nothing yet", () => expect(why("normal", null, null)).toEqual({ kind: "none" }));
});

test("what moved the most has a price", () => {
  expect(mostMoved([{ change: 0.01 }, { change: null }, { change: -0.05 }])).toEqual({ change: -0.05 });
  expect(mostMoved([{ change: null }])).toBeUndefined();
});

test("a line is as wide and high as its picture", () => {
  expect(linePoints([1, 3, 2], [1, 3], 10, 20)).toBe("0,20 5,0 10,10");
  expect(linePoints([2, 2], [2, 2], 10, 20)).toBe("0,10 10,10");
  expect(linePoints([1], [1, 1], 10, 20)).toBe("");
});
