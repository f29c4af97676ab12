import { describe, expect, test } from "vitest";

import { say, sayValue, type Key, type Values } from "../src/i18n/words";
import { comparable, firstPair, progressOf, stepsOf } from "../src/views/ab-test";
import { bannerOf } from "../src/views/banner";
import { accuracyByDay, rangeOf } from "../src/pages/models/view";
import { byStory, countNewer, timesOf } from "../src/views/news";
import { cronWords, partOf, scheduleWords, toneOfSource } from "../src/pages/operations/view";
import { stateWords } from "../src/views/model-state";
import { headlineRecord, skillOf, wordsOf } from "../src/views/overview";
import { errorSentence, heightOf, isWaiting, messageOf, resultOf, toneOf } from "../src/views/runs";
import { diffLines } from "../src/pages/stock/diff";
import { baseRateOf } from "../src/views/word";
import { summaryOf, verdictOf } from "../src/views/verdict";
import { placesOf } from "../src/pages/stock/chart/fan-series";
import { fanOf, latestForecasts, newsByDay } from "../src/pages/stock/view";

type Direction = "up" | "down" | "hold";
type Verdict = "call" | "lean" | "none";

describe("overview", () => {
  const forecast = (horizon: number, p_up: number, verdict: Verdict, base_rate: number | null = 0.5) => ({
    horizon,
    p_up,
    verdict,
    base_rate,
  });
  const stock = (...forecasts: ReturnType<typeof forecast>[]) => ({ forecasts }) as never;

  test("the record of live calls speaks before any replay, the shortest horizon first", () => {
    const record = (mode: string, horizon: number, n = 1) => ({ mode, horizon, n }) as never;
    const replay = record("backtest", 1);
    expect(headlineRecord([record("backtest", 5), replay])).toBe(replay);
    const live = record("live", 5);
    expect(headlineRecord([replay, live])).toBe(live);
    expect(headlineRecord([record("live", 1, 0), replay])).toBe(replay);
    expect(headlineRecord([])).toBeUndefined();
  });

  test.each([
    [{ low: 0.001, high: 0.01 }, "shown"],
    [{ low: -0.001, high: 0.01 }, "none"],
    [{ low: 0, high: 0.01 }, "none"],
    [{ low: 2.8e-17, high: 0.01 }, "none"],
    [{ low: 0.00004, high: 0.01 }, "none"],
    [{ low: -0.02, high: -0.01 }, "worse"],
    [{ low: -0.02, high: -0.00004 }, "none"],
    [{ low: null, high: null }, "none"],
    [null, "none"],
  ])("skill %j is %s: an interval that touches zero, as it is shown, proves nothing", (brier_skill, verdict) => {
    expect(skillOf({ accuracy: null, brier_skill })).toBe(verdict);
  });

  const proven = { better: { low: 0.001, high: 0.01 }, open: { low: -0.01, high: 0.01 }, worse: { low: -2, high: -1 } };

  test.each([
    [0.558, 0.558, "better", "same"],
    [0.5584, 0.5576, "better", "same"],
    [0.5586, 0.5584, "better", "same"],
    [0.559, 0.558, "better", "same"],
    [0.5592, 0.558, "better", "shown"],
    [0.557, 0.558, "open", "same"],
    [0.54, 0.558, "better", "none"],
    [0.58, 0.558, "open", "none"],
    [0.58, 0.558, "worse", "none"],
    [0.558, 0.558, "worse", "none"],
    [0.5, 0.558, "worse", "worse"],
  ] as const)("accuracy %d beside baseline %d, skill %s: %s", (value, baseline, skill, word) => {
    expect(skillOf({ accuracy: { value, baseline }, brier_skill: proven[skill] })).toBe(word);
  });

  test.each(["ko", "en"] as const)("the words of %s: equal figures are neither better nor worse", (language) => {
    const record = (value: number) => ({ accuracy: { value, baseline: 0.558 }, brier_skill: proven.better });
    const said = [0.558, 0.6].map((value) => say(language, `skill.${skillOf(record(value))}`));
    expect(said).toEqual(
      language === "ko" ? ["기준선과 같음", "기준선보다 나음"] : ["same as the baseline", "better than the baseline"],
    );
  });

  test("words are counted at the shortest horizon, one a stock", () => {
    const stocks = [
      stock(forecast(1, 0.6, "call"), forecast(5, 0.4, "call")),
      stock(forecast(1, 0.48, "lean", 0.46)),
      stock(forecast(1, 0.48, "lean", null)),
      stock(forecast(1, 0.5, "none")),
      stock(),
    ];
    expect(wordsOf(stocks)).toEqual({ call_up: 1, call_down: 0, lean_up: 1, lean_down: 1, none: 1 });
  });

  test("a model that still learns says how far it is", () => {
    const learning = { state: "learning", done: 23, wanted: 60, unit: "sessions" } as const;
    expect(stateWords(learning, "en")).toBe("learning: 23 of 60 sessions");
    expect(stateWords(learning, "ko")).toBe("학습 중: 60거래일 중 23");
    expect(stateWords({ state: "trained" }, "en")).toBe("trained");
    expect(stateWords({ state: "too_few_stocks" }, "en")).toBe("too few stocks to learn from; watch more of them");
    expect(stateWords("of an earlier version", "ko")).toBe("of an earlier version");
  });

  test.each([
    [{ state: "no_new_story" }, "새 소식 없음"],
    [{ state: "few_similar_stories", done: 3, wanted: 8, unit: "stories" }, "비슷한 소식 3건 (최소 8건)"],
    [{ state: "learning", done: 40, wanted: 90, unit: "stories" }, "학습 중: 90건 중 40"],
  ] as const)("a member that says nothing says why: %o", (state, korean) =>
    expect(stateWords(state, "ko")).toBe(korean),
  );
});

describe("stock", () => {
  test("the newest forecast of each horizon", () => {
    const items = [
      { horizon: 5, asof: "2026-03-02" },
      { horizon: 1, asof: "2026-03-01" },
      { horizon: 1, asof: "2026-03-02" },
    ];
    expect(latestForecasts(items)).toEqual([items[2], items[0]]);
  });

  test("the base rate is what the explanation names, if it names one", () => {
    expect(baseRateOf({ p_up: 0.47, explanation: { p0: 0.45 } })).toBe(0.45);
    expect(baseRateOf({ p_up: 0.47, explanation: {} })).toBeNull();
  });

  const quantiles_krw = [90, 92, 96, 100, 104, 108, 110];

  test("the fan starts at the price it was made at and skips the weekend", () => {
    const friday = "2026-03-06";
    const forecast = { horizon: 3, exit_trade_date: "2026-03-11", quantiles_krw, base_price_krw: 100 } as const;
    const fan = fanOf([forecast], friday);
    expect(fan.map(({ time }) => time)).toEqual([friday, "2026-03-09", "2026-03-10", "2026-03-11"]);
    expect(fan[0]).toEqual({ time: friday, low80: 100, low50: 100, median: 100, high50: 100, high80: 100 });
    expect(fan.at(-1)).toEqual({ time: "2026-03-11", low80: 92, low50: 96, median: 100, high50: 104, high80: 108 });
    for (const point of fan) {
      expect(point.low80 <= point.low50 && point.low50 <= point.median && point.high50 <= point.high80).toBe(true);
    }
  });

  test("without bands of the model there is no fan: none is made up", () => {
    const base = { horizon: 1, exit_trade_date: "2026-03-11", base_price_krw: 100 } as const;
    expect(fanOf([], "2026-03-06")).toEqual([]);
    expect(fanOf([{ ...base, quantiles_krw: [] }], "2026-03-06")).toEqual([]);
    expect(fanOf([{ ...base, quantiles_krw }], "2026-03-12")).toEqual([]);
  });

  test("news of a closed day belongs to the next session, news before the chart to none", () => {
    const item = (news_id: number, known_at: string) =>
      ({ news_id, known_at, title: `t${news_id}`, sign: "0", materiality: 0 }) as const;
    const days = newsByDay(
      [item(4, "2026-03-08T03:00:00Z"), item(3, "2026-03-07T03:00:00Z"), item(1, "2026-03-01T03:00:00Z")],
      ["2026-03-06", "2026-03-09"],
    );
    expect(days).toEqual([{ time: "2026-03-09", count: 2, id: 4, title: "t4", sign: "none" }]);
  });

  test.each([
    ["up", "final", 1, "right"],
    ["up", "final", 0, "wrong"],
    ["down", "final", 0, "right"],
    ["hold", "final", 1, "hold"],
    ["up", "final", 0.5, "even"],
    ["hold", "final", 0.5, "hold"],
    ["up", "pending", null, "pending"],
    ["up", "void", null, "void"],
    ["up", undefined, undefined, "pending"],
  ] as [Direction, string | undefined, number | null | undefined, string][])(
    "a call %s, %s, y %s is %s",
    (direction, outcome_state, y, expected) =>
      expect(verdictOf({ verdict: direction === "hold" ? "lean" : "call", direction, outcome_state, y })).toBe(
        expected,
      ),
  );

  test("a summary counts bands and opinions apart", () => {
    const call = (direction: Direction, y: number, in_band: boolean | null) =>
      ({ verdict: direction === "hold" ? "none" : "call", direction, outcome_state: "final", y, in_band }) as const;
    expect(summaryOf([call("hold", 1, true), call("up", 1, false), call("down", 1, null)])).toEqual({
      banded: 2,
      inside: 1,
      judged: 3,
      opinions: 2,
      right: 1,
    });
  });

  test("a direction from before there were words is no call", () => {
    expect(verdictOf({ verdict: "lean", direction: "up", outcome_state: "final", y: 1 })).toBe("hold");
  });

  test("a difference keeps the order of both texts", () => {
    const lines = diffLines("# a\nold\nsame\nend", "# a\nnew\nsame\nmore\nend");
    expect(lines.map(({ mark, text }) => `${mark} ${text}`)).toEqual([
      "same # a",
      "new new",
      "gone old",
      "same same",
      "new more",
      "same end",
    ]);
    const kept = (mark: string) => lines.filter((line) => line.mark !== mark).map(({ text }) => text);
    expect(kept("gone")).toEqual(["# a", "new", "same", "more", "end"]);
    expect(kept("new")).toEqual(["# a", "old", "same", "end"]);
    expect(diffLines("", "")).toEqual([]);
  });
});

describe("fan", () => {
  // As the library gives them: the place of a bar that is out of sight is stale or NaN.
  const bars = (...xs: number[]) => xs.map((x, index) => ({ x, time: 100 + index, originalData: {} }));
  const placesAt = (xs: number[], visibleRange: { from: number; to: number } | null) =>
    placesOf({ bars: bars(...xs), barSpacing: 10, visibleRange } as never).map(({ x }) => x);

  test.each([
    [[500, 510, 520, 530], { from: 0, to: 4 }, [500, 510, 520, 530]],
    [[500, 510, 40, 30], { from: 0, to: 2 }, [500, 510, 520, 530]],
    [[NaN, NaN, 5, 15], { from: 2, to: 4 }, [-15, -5, 5, 15]],
    [[NaN, NaN, NaN, NaN], { from: 4, to: 4 }, []],
    [[1, 2, 3, 4], null, []],
  ])("points at %j of which %j are seen stand at %j", (xs, visibleRange, places) => {
    expect(placesAt(xs, visibleRange)).toEqual(places);
  });
});

describe("news", () => {
  const item = (id: number, story_id: number | null) => ({ id, story_id });

  test("copies of a story stand together, headed by the first of them", () => {
    const groups = byStory([item(5, 1), item(4, null), item(3, 2), item(2, 1)]);
    expect(groups.map(({ head, items }) => [head.id, items.length])).toEqual([
      [2, 2],
      [4, 1],
      [3, 1],
    ]);
  });

  test("newer items are counted, not pushed in", () => {
    const items = [item(9, null), item(8, null), item(7, null)];
    expect([countNewer(items, 8), countNewer(items, 9), countNewer(items, 1), countNewer(items, null)]).toEqual([
      1, 0, 3, 0,
    ]);
  });

  test.each([
    ["minute", "2026-03-02T01:00:00Z", "2026-03-02T01:59:00Z", false],
    ["minute", "2026-03-02T01:00:00Z", "2026-03-02T02:01:00Z", true],
    ["second", "2026-02-27T01:00:00Z", "2026-03-02T02:01:00Z", true],
    ["day", "2026-03-01T15:00:00Z", "2026-03-02T12:34:00Z", false],
    ["day", "2026-03-01T15:00:00Z", "2026-03-02T16:01:00Z", true],
    ["none", null, "2026-03-02T01:00:00Z", true],
  ] as const)("%s %s, seen %s: the second time is told where it is much later", (precision, at, known_at, isTold) => {
    const times = timesOf({ published_at: at, published_precision: precision, known_at });
    expect(times).toEqual({ published: at, isDay: precision === "day", seen: isTold ? known_at : null });
  });
});

describe("operations", () => {
  test.each([
    ["0 17 * * *", "daily 17:00", "매일 17:00"],
    ["30 8 * * mon-fri; 40 15 * * mon-fri", "weekdays 08:30, weekdays 15:40", "평일 08:30, 평일 15:40"],
    ["*/10 * * * *", "every 10 min", "10분마다"],
    ["5-59/10 * * * *", "every 10 min", "10분마다"],
    ["* * * * *", "every 1 min", "1분마다"],
    ["0 3 1 * *", "0 3 1 * *", "0 3 1 * *"],
    ["*/10 9-15 * * mon-fri", "*/10 9-15 * * mon-fri", "*/10 9-15 * * mon-fri"],
    ["@weird", "@weird", "@weird"],
  ])("%s", (cron, english, korean) => {
    expect([cronWords(cron, "en"), cronWords(cron, "ko")]).toEqual([english, korean]);
  });

  test("what somebody set goes before azak's own schedule", () => {
    const own = { cron: "0 17 * * *", custom_cron: null, interval_minutes: null };
    expect(scheduleWords(own, "en")).toBe("daily 17:00");
    expect(scheduleWords({ ...own, custom_cron: "*/5 * * * *" }, "en")).toBe("every 5 min");
    expect(scheduleWords({ ...own, custom_cron: "*/5 * * * *", interval_minutes: 7 }, "en")).toBe("every 7 min");
  });

  test("an address opens the part that it names, the runs where it chooses among them, else the jobs", () => {
    expect([partOf(null, {}), partOf(null, { show: "sources" }), partOf(null, { show: "nonsense" })]).toEqual([
      "jobs",
      "sources",
      "jobs",
    ]);
    expect([partOf("a-run", {}), partOf(null, { state: "failed" }), partOf("a-run", { show: "jobs" })]).toEqual([
      "runs",
      "runs",
      "jobs",
    ]);
  });

  test("a source that is off is no fault; one that says nothing new is", () => {
    expect([toneOfSource("off"), toneOfSource("stalled"), toneOfSource("ok")]).toEqual(["quiet", "bad", "good"]);
  });

  test("states of a run", () => {
    expect(["succeeded", "dead", "retry", "skipped", null].map(toneOf)).toEqual([
      "good",
      "bad",
      "busy",
      "quiet",
      "quiet",
    ]);
    expect(isWaiting({ state: "queued", deferred: true })).toBe(true);
    expect(isWaiting({ state: "running", deferred: true })).toBe(false);
  });

  test("bars of runs: short ones are seen beside long ones, none leaves the drawing", () => {
    const run = (seconds: number) => ({
      started_at: "2026-03-01T00:00:00Z",
      finished_at: new Date(Date.UTC(2026, 2, 1) + seconds * 1000).toISOString(),
    });
    const heights = [0, 0.2, 2, 20, 200, 99_999].map((seconds) => heightOf(run(seconds), 48));
    expect(heights).toEqual([...heights].sort((a, b) => a - b));
    expect([heights[0], heights.at(-1)]).toEqual([4, 48]);
    expect(heightOf({ started_at: null, finished_at: null }, 48)).toBe(4);
  });

  test("an error is one sentence, whatever its shape", () => {
    expect(errorSentence("ko", { type: "T", detail: "D" })).toBe("D");
    expect(errorSentence("ko", { type: "T" })).toBe("T");
    expect(errorSentence("ko", { code: 7 })).toBe('{"code":7}');
    expect(errorSentence("ko", null)).toBe("");
  });

  test("an error that says the sentence of its class is worded by code and values, another is not", () => {
    const lost = { code: "run-unreported", message: "Of the API.", values: { attempts: 3, worker: "scheduler a:7" } };
    expect(errorSentence("ko", lost)).toMatch(/3번째, scheduler a:7.*데이터베이스/);
    expect(errorSentence("en", lost)).toMatch(/Attempt 3.*scheduler a:7 died, or lost the database/);
    const away = { code: "database-unavailable", message: "Of the API.", values: {} };
    expect(errorSentence("ko", away)).toMatch(/데이터베이스가 응답하지 않아요/);
    expect(errorSentence("ko", { ...away, values: undefined })).toBe("Of the API.");
  });
});

describe("what a run says at its end", () => {
  const words = (language: "ko" | "en") => ({
    t: (key: Key, values?: Values) => say(language, key, values),
    v: (group: string, value: string | null | undefined) => sayValue(language, group, value),
    language,
  });
  const ended = { state: "succeeded", kind: "generate_predictions", message: "m", reason: null, error: null } as const;

  test.each([
    [
      { written: 57, detail: { "rss_mk.read": 240, "rss_mk.news": 20, "dart.links": 30, "rss_mk.links": 7 } },
      "57건 저장: 뉴스 20, 종목 연결 37",
      "Wrote 57: articles 20, links to stocks 37",
    ],
    [
      { read: 3, written: 0, detail: { predictions: 0, unchanged: 21 } },
      "저장 0건: 변경 없음 21",
      "Wrote 0: unchanged 21",
    ],
    [
      { read: 3, written: 2, failed: 1, detail: { unchanged: 4, quotes: 2 } },
      "2건 저장: 현재가 2, 변경 없음 4, 실패 1",
      "Wrote 2: live prices 2, unchanged 4, failed 1",
    ],
    [{ written: 0, failed: 2 }, "저장 0건: 실패 2", "Wrote 0: failed 2"],
    [
      { read: 240, written: 0, detail: { "rss_mk.read": 240 } },
      "새로운 것 없음: 240건 확인",
      "Nothing new: looked at 240",
    ],
    [{ written: 3, detail: { load_history: 3 } }, "3건 저장: 과거 데이터 불러오기 3", "Wrote 3: Load history 3"],
    [{}, "새로운 것 없음", "Nothing new"],
  ])("%o", (counts, korean, english) => {
    expect(messageOf({ ...ended, counts }, words("ko"))).toBe(korean);
    expect(messageOf({ ...ended, counts }, words("en"))).toBe(english);
  });

  test("a run that did no work says why in the reader's language, in the API's words where there are none", () => {
    const skipped = { ...ended, state: "skipped", counts: null, message: "No model is trained yet." } as const;
    expect(messageOf({ ...skipped, reason: "no_trained_model" }, words("ko"))).toMatch(/^학습한 모델이 없어요\./);
    expect(messageOf({ ...skipped, reason: "new" as "paused" }, words("ko"))).toBe("No model is trained yet.");
  });

  test("a failure is its sentence, and a run that goes on its message", () => {
    expect(messageOf({ ...ended, state: "failed", counts: null, error: { message: "Down." } }, words("ko"))).toBe(
      "Down.",
    );
    expect(messageOf({ ...ended, state: "running", counts: null }, words("ko"))).toBe("m");
  });

  test("a run leads to the report that it wrote, else to the one stock that it is about", () => {
    const about = (kind: string, args: Record<string, unknown>, report_id: number | null = null) =>
      resultOf({ kind, state: "succeeded", arguments: args, report_id });
    const stock = { page: "stock", id: "005930" };
    expect(about("generate_predictions", { stock_codes: ["005930"] })).toEqual({ ...stock, isReport: false });
    expect(about("generate_reports", { stock_codes: ["005930"] })).toEqual({ ...stock, isReport: true });
    expect(about("initial_analysis", { stock_code: "005930" })).toEqual({ ...stock, isReport: true });
    const report = { page: "report", id: 7, isReport: true };
    expect(about("generate_reports", { stock_codes: ["005930"] }, 7)).toEqual(report);
    expect(about("generate_reports", {}, 7)).toEqual(report);
    expect(about("generate_reports", { stock_codes: ["005930", "000660"] })).toBeNull();
    expect(about("crawl_news", {})).toBeNull();
    const skipped = { kind: "generate_reports", state: "skipped", arguments: { stock_code: "005930" } } as const;
    expect(resultOf({ ...skipped, report_id: null })).toBeNull();
  });
});

describe("banner", () => {
  const health = (state: string, heartbeat_age_s: number | null, reachable = true) =>
    ({ database: { reachable }, scheduler: { state, heartbeat_age_s, restart: "azak stop && azak up" } }) as never;
  const seen_ms = Date.parse("2026-03-01T00:01:00Z");

  test("none while the scheduler lives", () => {
    expect([bannerOf(health("active", 2), seen_ms), bannerOf(health("standby", 2), seen_ms)]).toEqual([null, null]);
  });

  test.each(["silent", "stopped"])("%s since its last sign of life", (kind) => {
    expect(bannerOf(health(kind, 60), seen_ms)).toEqual({
      kind,
      since: "2026-03-01T00:00:00.000Z",
      remedy: "azak stop && azak up",
    });
  });

  test("a scheduler that never was, a database that is away", () => {
    expect(bannerOf(health("unknown", null), seen_ms)).toEqual({ kind: "unknown", since: null, remedy: "azak doctor" });
    expect(bannerOf(health("silent", 60, false), seen_ms)).toEqual({ kind: "database" });
  });
});

describe("models", () => {
  test("the running share weighs days by their calls", () => {
    const day = (trade_date: string, value: number | null, n: number) =>
      ({ trade_date, metrics: value === null ? {} : { accuracy: { value, n, baseline: 0.5 } } }) as never;
    const points = accuracyByDay([day("2026-03-03", 0, 1), day("2026-03-02", null, 0), day("2026-03-01", 1, 3)]);
    expect(points.map(({ date, running, running_n }) => [date, running, running_n])).toEqual([
      ["2026-03-01", 1, 3],
      ["2026-03-03", 0.75, 4],
    ]);
  });

  test("an axis has room at both ends and stays a share", () => {
    expect(rangeOf([0.4, 0.6], 0.1)).toEqual([expect.closeTo(0.3), expect.closeTo(0.7)]);
    expect(rangeOf([0, 1])).toEqual([0, 1]);
    expect(rangeOf([])).toEqual([0, 1]);
  });

  test("an A/B test: how far, and what may be done", () => {
    expect(progressOf(10, 40)).toEqual({ days: 10, needed: 30, share: 0.25 });
    expect(progressOf(50, 40)).toEqual({ days: 50, needed: 0, share: 1 });
    const steps = (state: string, promoted_at: string | null = null, metric = "brier") =>
      stepsOf({ state, promoted_at, metric } as never);
    expect(steps("decided", null, "size_brier")).toEqual(["archive"]);
    expect([steps("draft"), steps("running"), steps("decided"), steps("decided", "x"), steps("archived")]).toEqual([
      ["start"],
      ["decide", "stop"],
      ["promote", "archive"],
      ["archive"],
      [],
    ]);
  });
});

describe("a new A/B test compares two models that predict", () => {
  const model = (name: string, is_active = true, is_shown = false, kind = name) => ({
    name,
    kind,
    is_active,
    is_shown,
  });

  test("at first the shown one and the next, never one against itself", () => {
    expect(firstPair([model("base"), model("gated", true, true), model("knn")])).toEqual(["gated", "base"]);
    expect(firstPair([model("old", false, true), model("base"), model("knn")])).toEqual(["base", "knn"]);
  });

  test("of sizes only models that say one, of directions none of those; one alone is compared by two versions", () => {
    const models = [model("base"), model("size"), model("gated", true, true)];
    expect(comparable(models, "log_loss").map(({ name }) => name)).toEqual(["base", "gated"]);
    expect(comparable(models, "size_pinball").map(({ name }) => name)).toEqual(["size"]);
    expect(firstPair(models, "size_brier")).toEqual(["size", "size"]);
    expect(firstPair([...models, model("wide", true, false, "size")], "size_brier")).toEqual(["size", "wide"]);
    expect(firstPair([model("size"), model("base")])).toBeNull();
  });

  test("with fewer than two there is no pair", () => {
    expect(firstPair([])).toBeNull();
    expect(firstPair([model("gated", true, true), model("knn", false)])).toBeNull();
  });
});
