import { beforeAll, describe, expect, test } from "vitest";

import { loadRare } from "../src/i18n/words";
import { pausedOf, reasonOf } from "../src/views/reasons";

const API = "A sentence of the API.";

beforeAll(() => Promise.all([loadRare("ko"), loadRare("en")]));

describe("what needs a look, in the reader's language", () => {
  test.each([
    [
      "loop-stopped",
      { loop: "clock", process: "scheduler host:1", seconds: 31 },
      ["scheduler host:1", "clock", "31초째"],
    ],
    ["job-overdue", { job: "crawl_news", why: "late", minutes: 12 }, ["뉴스 수집", "12분"]],
    ["sources-failed", { data: "news" }, ["뉴스 출처가 모두"]],
    ["database-read-only", {}, ["쓸 수 없어요"]],
    ["scheduler-problem", { problem: "no lease" }, ["no lease"]],
    [
      "news-not-seen",
      { sources: "rss_mk", gaps: 2, since: "2026-10-12 09:00", until: "2026-10-12 10:00", why: "never" },
      ["rss_mk", "2개 구간", "2026-10-12 09:00", "이제는"],
    ],
    ["listing-odd", { market: "KOSPI", day: "2026-10-12", why: "refused" }, ["KOSPI", "2026-10-12 목록"]],
    ["listing-odd", { market: "KOSPI", why: "refused_first" }, ["KOSPI"]],
    [
      "listing-odd",
      { code: "042660", old: "대우조선해양", new: "한화오션", day: "2026-10-13", why: "renamed" },
      ["대우조선해양", "한화오션", "azak stocks seen 042660"],
    ],
    // Of an older API, which does not name it all: no placeholder is shown.
    ["log-gone", { lines: 3 }, ["로그를 쓰지 못하고"]],
  ])("%s", (code, values, words) => {
    const said = reasonOf("ko", { code, values: values as never, reason: API });
    for (const word of words) expect(said).toContain(word);
    expect(said).toMatch(/요\.$/);
    expect(said).not.toMatch(/[{}]|undefined/);
  });

  test("English names the same, and else says what the API says", () => {
    expect(reasonOf("en", { code: "replica-stale", values: { seconds: 9 }, reason: API })).toContain("9 s");
    expect(reasonOf("en", { code: "database-read-only", values: {}, reason: API })).toBe(API);
  });

  test("a class that this version does not know keeps the API's sentence", () => {
    expect(reasonOf("ko", { code: "of-tomorrow", values: {}, reason: API })).toBe(API);
  });

  test("a paused job", () => {
    const paused = { job: "crawl_news", by: "kim", at: "2026-11-30T01:02:03Z" };
    expect(pausedOf("ko", paused, API)).toContain("kim 님이 2026-11-30에 ‘뉴스 수집’");
    expect(pausedOf("en", paused, API)).toContain("azak jobs resume crawl_news");
  });
});
