import { describe, expect, test } from "vitest";

import { findStocks, initialsOf } from "../src/search";

const STOCKS = [
  { code: "000660", name: "SK하이닉스", aliases: ["하이닉스"] },
  { code: "005930", name: "삼성전자", aliases: ["삼전", "Samsung Electronics"] },
  { code: "006400", name: "삼성SDI", aliases: [] },
  { code: "0126Z0", name: "삼성에피스홀딩스", aliases: [] },
  { code: "035720", name: "카카오", aliases: ["Kakao"] },
];
const codes = (text: string, limit?: number) => findStocks(text, STOCKS, limit).map(({ code }) => code);

describe("how Koreans look for a stock", () => {
  test.each([
    ["ㅅㅅㅈㅈ", ["005930"]],
    ["ㅋㅋㅇ", ["035720"]],
    ["ㅎㅇㄴㅅ", ["000660"]],
    ["삼전", ["005930"]],
    ["삼성 전자", ["005930"]],
    ["samsung", ["005930"]],
    ["0126z0", ["0126Z0"]],
    ["0059", ["005930"]],
    ["SDI", ["006400"]],
  ])("%s", (text, found) => expect(codes(text)).toEqual(found));

  test("the nearest first: a whole name before a beginning before a part", () => {
    expect(codes("하이닉스")[0]).toBe("000660");
    expect(codes("삼성")).toHaveLength(3);
    expect(codes("삼성", 2)).toHaveLength(2);
  });

  test("letters decomposed by a Mac are the same letters", () => {
    expect(codes("삼성전자".normalize("NFD"))).toEqual(["005930"]);
  });

  test("nothing for nothing", () => {
    for (const text of ["", "   ", "없는회사", "\\", "[("]) expect(codes(text)).toEqual([]);
  });
});

test("initials of syllables; other letters stay", () => {
  expect(initialsOf("삼성SDI 꿈")).toBe("ㅅㅅSDI ㄲ");
});
