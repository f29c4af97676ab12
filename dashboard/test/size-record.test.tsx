import renderToString from "preact-render-to-string";
import { describe, expect, test, vi } from "vitest";

import type { Language } from "../src/format";
import { SizeStanding } from "../src/pages/models/sizes";

const reader = vi.hoisted(() => ({ language: "ko" as Language }));
vi.mock("../src/preferences", () => ({ usePreferences: () => reader }));

const estimate = (value: number) => ({ value, low: value - 0.01, high: value + 0.01, baseline: 0, n: 240, n_days: 20 });
const figures = {
  brier_skill_3pct: estimate(0.0616),
  brier_skill_3pct_250: estimate(0.0485),
  brier_skill_3pct_ewma: null,
  brier_skill_large: null,
  pinball_skill: estimate(0.044),
  pinball_skill_ewma: estimate(0.0254),
  rate_3pct: { ...estimate(0.19), baseline: 0.2 },
  ece: { ...estimate(0.004), low: null, high: null },
  bins: [
    { n: 120, mean_p: 0.1, mean_y: 0.11, low: 0.06, high: 0.17 },
    { n: 120, mean_p: 0.3, mean_y: 0.27, low: 0.2, high: 0.36 },
  ],
};
const standing = { model: "size", model_kind: "size", is_active: true, n: 240, n_days: 20, figures } as never;

function cells(language: Language): string[][] {
  reader.language = language;
  const page = renderToString(<SizeStanding of={standing} asTable={false} />);
  const rows = [...page.matchAll(/<tr[^>]*data-row[^>]*>(.*?)<\/tr>/gs)];
  return rows.map(([, row]) =>
    [...(row ?? "").matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) => (cell ?? "").replace(/<[^>]*>/g, "")),
  );
}

describe("the record of sizes", () => {
  test("each skill stands beside what it must beat, with its interval; one that is not known is not made up", () => {
    expect(cells("ko")).toEqual([
      ["종목의 누적 기록", "0.0616 [0.0516 … 0.0716]기준선 0.0000", "0.0440 [0.0340 … 0.0540]기준선 0.0000"],
      ["종목의 최근 250거래일", "0.0485 [0.0385 … 0.0585]기준선 0.0000", "–"],
      ["EWMA 변동성", "아직 채점 전", "0.0254 [0.0154 … 0.0354]기준선 0.0000"],
    ]);
    expect(cells("en").map(([name]) => name)).toEqual([
      "The stock's record so far",
      "Its last 250 trading days",
      "EWMA volatility",
    ]);
  });

  test("calibration has its figure in words and its curve a name", () => {
    reader.language = "ko";
    const page = renderToString(<SizeStanding of={standing} asTable={false} />);
    expect(page).toContain("3% 넘게 움직인 비율 19.0%, 예측 평균 20.0%");
    expect(page).toContain("보정 곡선: 구간 2개, 가로는 3% 넘게 움직인다고 예측한 확률");
    expect(renderToString(<SizeStanding of={standing} asTable />)).toContain("27.0%");
  });
});
