import { expect, test } from "vitest";

import { hrefOf, isOfPage, parseRoute, unknownFilters } from "../src/route";

test.each([
  ["", "overview", null],
  ["/", "overview", null],
  ["/stock/0126Z0", "stock", "0126Z0"],
  ["/stock", "overview", null],
  ["/call/12", "call", "12"],
  ["/report", "overview", null],
  ["/news/12", "news", "12"],
  ["/operations/ab-cd", "operations", "ab-cd"],
  ["/settings/ab-test", "settings", "ab-test"],
  ["/nowhere/x", "overview", null],
  ["/constructor", "overview", null],
  ["/news/%E0%A4%A", "news", "%E0%A4%A"],
])("%s", (address, page, id) => expect(parseRoute(address)).toEqual({ page, id, filter: {} }));

test("an address leads back to what it was made of", () => {
  for (const id of ["005930", "a/b", "한글 #?"])
    expect(parseRoute(hrefOf("stock", id))).toEqual({ page: "stock", id, filter: {} });
  expect(hrefOf("overview")).toBe("/");
  expect(hrefOf("news")).toBe("/news");
});

test.each([
  ["/news?stock=005930&source=mk", "news", null, { stock: "005930", source: "mk" }],
  ["/news/12?stock=005930", "news", "12", { stock: "005930" }],
  ["/?a=b", "overview", null, { a: "b" }],
  ["/news?a=%E0%A4%A&b=1?2", "news", null, { a: "\ufffd%A", b: "1?2" }],
])("filters of %s", (address, page, id, filter) => expect(parseRoute(address)).toEqual({ page, id, filter }));

test("an address carries the filters that are set", () => {
  const filter = { stock: "005930", source: "", kind: undefined, name: "a&b=한 #?" };
  const address = hrefOf("news", 12, filter);
  expect(parseRoute(address)).toEqual({ page: "news", id: "12", filter: { stock: "005930", name: "a&b=한 #?" } });
  expect(hrefOf("news", null, { source: "" })).toBe("/news");
});

test.each([
  [{}, ""],
  [{ stock: "005930", kind: "filing" }, ""],
  [{ stock: "", kind: undefined }, ""],
  [{ kind: "gossip" }, "kind=gossip"],
  [{ stock: "x", stok: "005930", kind: "filing" }, "stock=x, stok=005930"],
  [{ constructor: "1" }, "constructor=1"],
])("filters that are not known of %j: %j", (filter, unknown) => {
  expect(unknownFilters(filter, { stock: /^[0-9]{6}$/, kind: ["article", "filing"] })).toBe(unknown);
});

test.each([
  ["/", true],
  ["/?a=b", true],
  ["/news?stock=005930", true],
  ["/stock/005930", true],
  ["/api/news/7", false],
  ["/docs", false],
  ["/newsletter", false],
  ["https://example.com/news", false],
  ["", false],
])("%s is of the page: %s", (address, expected) => expect(isOfPage(address)).toBe(expected));
