import { describe, expect, test } from "vitest";

import {
  ago,
  change,
  clockTime,
  count,
  countTo,
  dayOf,
  decimal,
  duration,
  krw,
  moment,
  percent,
  relative,
} from "../src/format";

describe("times are Seoul's, and say so", () => {
  test.each(["2026-03-01T15:30:00Z", "2026-03-02T00:30:00+09:00", "2026-03-01T10:30:00-05:00"])(
    "%s is half past midnight of 2 March",
    (iso) => {
      expect(clockTime(iso, "ko")).toBe("00:30:00 KST");
      expect(moment(iso, "en", "2026-11-29")).toBe("2 Mar, 00:30 KST");
      expect(moment(iso, "ko", "2026-11-29")).toBe("3월 2일 00:30 KST");
      expect(moment(iso, "en", "2027-01-04")).toBe("2 Mar 2026, 00:30 KST");
      expect(moment(iso, "ko", "2027-01-04")).toBe("2026년 3월 2일 00:30 KST");
      expect(dayOf(iso)).toBe("2026-03-02");
    },
  );

  test("a moment that does not exist is a dash, never 1970", () => {
    for (const shown of [moment(null, "ko"), clockTime(undefined, "en"), ago(null, 0, "ko")]) expect(shown).toBe("–");
  });

  test.each([
    [-59, "59 seconds ago", "59초 전"],
    [-61, "1 minute ago", "1분 전"],
    [-7_300, "2 hours ago", "2시간 전"],
    [-200_000, "2 days ago", "2일 전"],
    [90, "in 1 minute", "1분 후"],
  ])("%i seconds", (seconds, english, korean) => {
    expect(relative(seconds, "en")).toBe(english);
    expect(relative(seconds, "ko")).toBe(korean);
  });

  test("durations keep one digit while they are short", () => {
    expect(duration("2026-03-01T00:00:00Z", "2026-03-01T00:00:03.26Z")).toBe("3.3 s");
    expect(duration("2026-03-01T00:00:00Z", "2026-03-01T00:01:05Z")).toBe("65 s");
    expect(duration("2026-03-01T00:00:00Z", "2026-03-01T00:09:50Z")).toBe("10 min");
    expect(duration("2026-03-01T00:00:00Z", null)).toBe("–");
  });
});

describe("numbers", () => {
  test("money as the language writes it", () => {
    expect(krw(72_600, "ko")).toBe("72,600원");
    expect(krw(72_600, "en")).toBe("₩72,600");
    expect(krw(null, "ko")).toBe("–");
    expect(krw(0, "ko")).toBe("0원");
  });

  test.each([
    [0.0041, "▲ +0.41%"],
    [-0.0041, "▼ −0.41%"],
    [0.00001, "0.00%"],
    [-0.00001, "0.00%"],
    [0, "0.00%"],
    [null, "–"],
  ])("a change of %s carries mark and sign, so that colour is never alone", (share, shown) => {
    expect(change(share)).toBe(shown);
  });

  test.each([0, 1, 2, 3, 4])("with %d digits, what rounds to zero has no sign", (digits) => {
    const zero = digits ? `0.${"0".repeat(digits)}` : "0";
    for (const value of [0, -0, 0.00004, -0.00004]) {
      expect(decimal(value, digits)).toBe(zero);
      expect([percent(value / 100, digits), change(value / 100, digits)]).toEqual([`${zero}%`, `${zero}%`]);
    }
    const small = ["0", "0.0", "−0.04", "−0.040", "−0.0400"][digits];
    expect([decimal(-0.04, digits), percent(-0.0004, digits)]).toEqual([small, `${small}%`]);
  });

  test("counts and money have no minus zero either", () => {
    expect([count(-0), count(-0.04), krw(-0, "ko"), krw(-0, "en")]).toEqual(["0", "0", "0원", "₩0"]);
    expect(duration("2026-03-01T00:00:00.010Z", "2026-03-01T00:00:00Z")).toBe("0.0 s");
  });

  // tests/reports/test_figures.py holds the same figures for reports.
  test("a half rounds as a report rounds it", () => {
    expect([0.0025, 0.0075, -0.0025, 0.52347].map((share) => percent(share))).toEqual([
      "0.3%",
      "0.8%",
      "−0.3%",
      "52.3%",
    ]);
    expect(decimal(2.5, 0)).toBe("3");
  });

  test("shares and counts", () => {
    expect(percent(0.5163)).toBe("51.6%");
    expect(percent(undefined)).toBe("–");
    expect(count(1_234_567)).toBe("1,234,567");
    expect([countTo(1_000, 999), countTo(1_000, 1_000)]).toEqual(["999", "1,000+"]);
  });
});
