import { expect, test } from "vitest";

import { hrefOf, parseRoute } from "../src/route";

test.each([
  ["", "overview", null],
  ["#/", "overview", null],
  ["#/stock/0126Z0", "stock", "0126Z0"],
  ["#/stock", "overview", null],
  ["#/news/12", "news", "12"],
  ["#/operations/ab-cd", "operations", "ab-cd"],
  ["#/nowhere/x", "overview", null],
  ["#/constructor", "overview", null],
  ["#/news/%E0%A4%A", "news", "%E0%A4%A"],
])("%s", (hash, page, id) => expect(parseRoute(hash)).toEqual({ page, id }));

test("an address leads back to what it was made of", () => {
  for (const id of ["005930", "a/b", "한글 #?"]) expect(parseRoute(hrefOf("stock", id))).toEqual({ page: "stock", id });
  expect(hrefOf("overview")).toBe("#/");
  expect(hrefOf("news")).toBe("#/news");
});
