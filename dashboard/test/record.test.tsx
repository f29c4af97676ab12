import type { ComponentChild } from "preact";
import renderToString from "preact-render-to-string";
import { describe, expect, test, vi } from "vitest";

import { BandHits, OpinionAccuracy, OpinionLine } from "../src/components/record";
import { Odds, WordMark } from "../src/components/values";
import type { Language } from "../src/format";
import { say } from "../src/i18n/words";
import { outcomeWords, summaryWords } from "../src/pages/stock/call-strip";
import { WORDS } from "../src/views/word";

const reader = vi.hoisted(() => ({ language: "ko" as Language }));
vi.mock("../src/preferences", () => ({ usePreferences: () => reader }));

function shown(language: Language, part: ComponentChild): string {
  reader.language = language;
  return renderToString(<>{part}</>)
    .replace(/<[^>]*>/g, "")
    .trim();
}

const words = (language: Language) => ({
  language,
  t: (key: Parameters<typeof say>[1], values?: Parameters<typeof say>[2]) => say(language, key, values),
  v: (group: string, value: string | null | undefined) => `${group}.${value}`,
});

describe("a hit rate is that of opinions", () => {
  const given = { value: 0.58333, low: 0.4, high: 0.7, baseline: 0.5, n: 12, n_days: 5 };
  const band = { value: 31 / 39, low: 0.6, high: 0.9, baseline: 0.8, n: 39, n_days: 2 };

  test("none is shown where none was ever given; what the band was worth is", () => {
    expect(shown("ko", <OpinionAccuracy of={null} scored={1_479} />)).toBe("의견을 낸 적 없음 (0/1,479)");
    expect(shown("en", <OpinionAccuracy of={null} scored={1_479} />)).toBe("No call made so far (0 of 1,479)");
    expect(shown("ko", <OpinionLine of={null} scored={1_479} />)).toBe("의견을 낸 적 없음 (0/1,479)");
    expect(shown("ko", <BandHits of={band} />)).toBe("80% 범위 적중 31/39 (79.5%)");
    expect(shown("en", <BandHits of={band} />)).toBe("31 of 39 inside the 80% band (79.5%)");
    expect(shown("ko", <BandHits of={null} />)).toBe("");
  });

  test("with opinions it has its interval, its baseline and their number", () => {
    const found = shown("ko", <OpinionAccuracy of={given} scored={1_479} />);
    expect(found).toBe("58.3% [40.0% … 70.0%]기준선 50.0%12건 · 5거래일");
    expect(shown("en", <OpinionLine of={given} scored={1_479} />)).toBe("12 calls in 1,479, 58.3% right");
  });

  test("calls are whole, leans hollow, and what is none does not read as a minus", () => {
    const counts = WORDS.map((word, n) => shown("ko", <WordMark word={word} n={n} />));
    expect(counts).toEqual([
      "▲ 시장 상회 0",
      "▼ 시장 하회 1",
      "△ 상회 쪽 기울기 2",
      "▽ 하회 쪽 기울기 3",
      "의견 없음 4",
    ]);
  });

  test.each([
    [0.46, 0.51, "평소 100번 중 46번, 지금 51번", "usually 46 of 100, now 51"],
    [0.46, 0.4633, "평소 100번 중 46.0번, 지금 46.3번", "usually 46.0 of 100, now 46.3"],
    [null, 0.53, "100번 중 53번", "53 of 100"],
  ])("a chance of %d usually and %d now", (usual, now, korean, english) => {
    expect(shown("ko", <Odds of={{ usual, now }} />)).toBe(korean);
    expect(shown("en", <Odds of={{ usual, now }} />)).toBe(english);
  });
});

describe("past calls", () => {
  const call = {
    trade_date: "2026-11-24",
    p_up: 0.48,
    explanation: { p0: 0.46 },
    verdict: "lean",
    direction: "hold",
    outcome_state: "final",
    y: 1,
    adjusted_return: 0.0015,
    in_band: false,
    exit_adjusted_krw: 134_700,
    quantiles_krw: [1, 131_000, 132_000, 132_500, 133_000, 134_000, 2],
  } as never as Parameters<typeof outcomeWords>[0];

  test("a small move outside the band stands beside the price that left it", () => {
    expect(outcomeWords(call, words("ko"))).toBe(
      "2026-11-24: word.lean_up → 134,700원 (131,000원–134,000원 범위 밖) · 시장 대비 ▲ +0.15%",
    );
  });

  test("the summary counts opinions that were given, and says so when there was none", () => {
    const opinion = { ...call, verdict: "call", direction: "up", in_band: true } as typeof call;
    expect(summaryWords([call], words("ko").t)).toBe("80% 범위 적중 0/1 · 의견을 내지 않음 (0/1)");
    expect(summaryWords([call, opinion], words("en").t)).toBe("1 of 2 inside the 80% band · 1 of 1 calls right");
    expect(summaryWords([{ ...call, in_band: null }], words("en").t)).toBe("no call made (0 of 1)");
  });
});
