import type { ComponentChild } from "preact";
import renderToString from "preact-render-to-string";
import { describe, expect, test, vi } from "vitest";

import type { Schemas } from "../src/api/client";
import type { Language } from "../src/format";
import { Cause, Parts } from "../src/pages/stock/move-parts";

const reader = vi.hoisted(() => ({ language: "ko" as Language }));
vi.mock("../src/preferences", () => ({ usePreferences: () => reader }));

const MOVE: Schemas["MoveItem"] = {
  stock_code: "005930",
  trade_date: "2026-11-20",
  is_final: true,
  known_at: "2026-11-20T06:30:00Z",
  move: 0.03,
  market_return: 0.01,
  industry_stocks: 4,
  own_sigmas: 2.14,
  parts: [
    { part: "market", share: 0.02 },
    { part: "industry", share: -0.005 },
    { part: "own", share: 0.015 },
  ],
  cause: "no_story",
  stories: [],
};
const STORY = {
  story_id: 7,
  news_id: 70,
  title: "가나, 공급 계약 <b>",
  publisher: "신문",
  known_at: "2026-11-19T23:00:00Z",
  event_type: "contract",
  sign: "+" as const,
};

function drawn(language: Language, part: ComponentChild): string {
  reader.language = language;
  return renderToString(<>{part}</>);
}

const text = (html: string) => html.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");

describe("a move is drawn in its parts", () => {
  const bars = (move: typeof MOVE) =>
    [...drawn("ko", <Parts move={move} />).matchAll(/class="strip-(\w+)" x="([\d.]+)" width="([\d.]+)"/g)].map(
      ([, side, x, width]) => [side, Number(x), Number(width)],
    );

  test("each from the middle, the largest one full", () => {
    expect(bars(MOVE)).toEqual([
      ["up", 60, 60],
      ["up", 60, expect.closeTo(40, 1)],
      ["down", expect.closeTo(50, 1), expect.closeTo(10, 1)],
      ["up", 60, 30],
    ]);
  });

  test("a price that stood still has empty bars", () => {
    const still = { ...MOVE, move: 0, parts: [{ part: "own" as const, share: 0 }] };
    expect(bars(still)).toEqual([
      ["flat", 60, 0],
      ["flat", 60, 0],
    ]);
  });

  test("only parts that exist are named", () => {
    const shown = text(
      drawn("ko", <Parts move={{ ...MOVE, parts: MOVE.parts.filter((p) => p.part !== "industry") }} />),
    );
    expect(shown).toContain("시장 ▲ +2.00%");
    expect(shown).not.toContain("업종");
    expect(text(drawn("en", <Parts move={MOVE} />))).toContain("Industry ▼ −0.50%");
  });
});

describe("what explains the own part", () => {
  test("is a link to the story, as text", () => {
    const html = drawn("ko", <Cause move={{ ...MOVE, cause: "story", stories: [STORY] }} />);
    expect(html).toContain("/news/70");
    expect(html).toContain("가나, 공급 계약 &lt;b>");
    expect(text(html)).toContain("종목만의 움직임이 평소의 2.1배예요. 때와 방향이 맞는 소식이 있어요.");
    expect(text(html)).toContain("수주·공급 계약 (호재) · 신문");
  });

  test.each([
    ["usual", "평소의 2.1배로, 평소 범위예요.", "which is within the usual range."],
    ["no_story", "이를 설명하는 소식은 없어요.", "and no story explains it."],
    ["unknown", "azak에는 그때의 소식이 없어요.", "azak has no news from that time."],
  ] as const)("or a sentence: %s", (cause, korean, english) => {
    expect(text(drawn("ko", <Cause move={{ ...MOVE, cause }} />))).toContain(korean);
    expect(text(drawn("en", <Cause move={{ ...MOVE, cause }} />))).toContain(english);
  });

  test("a missing industry says how many stocks there are", () => {
    const few = { ...MOVE, industry_stocks: 2, parts: MOVE.parts.filter((p) => p.part !== "industry") };
    expect(text(drawn("ko", <Cause move={few} />))).toContain("같은 업종의 다른 종목이 2개라");
    expect(text(drawn("en", <Cause move={few} />))).toContain("only 2 other stocks in its industry, 3 needed");
    expect(text(drawn("ko", <Cause move={{ ...few, industry_stocks: 0 }} />))).toContain(
      "비교할 같은 업종 종목이 없어",
    );
    expect(text(drawn("ko", <Cause move={MOVE} />))).not.toContain("같은 업종");
  });
});
