import { describe, expect, test } from "vitest";

import { en } from "../src/i18n/en";
import { ko } from "../src/i18n/ko";
import { say, sayValue, type Key } from "../src/i18n/words";

const slots = (words: string) => [...words.matchAll(/\{(\w+)\}/g)].map(([slot]) => slot).sort();
const keys = Object.keys(ko) as Key[];

describe("both languages say everything", () => {
  test("the same keys", () => expect(Object.keys(en)).toEqual(keys));

  test.each(keys)("%s has words and the same slots", (key) => {
    expect(ko[key].trim()).not.toBe("");
    expect(en[key].trim()).not.toBe("");
    expect(slots(en[key])).toEqual(slots(ko[key]));
  });
});

describe("sentences", () => {
  test("slots are filled; a slot without a value stays visible", () => {
    expect(say("en", "stock.newsCount", { n: 3 })).toBe("3 news");
    expect(say("en", "stock.newsCount")).toBe("{n} news");
  });

  test("a value from outside is never taken for a slot or a pattern", () => {
    expect(say("en", "stock.newsCount", { n: "$& {n} <b>" })).toBe("$& {n} <b> news");
  });

  test("a value that this version does not know is shown as it came", () => {
    expect(sayValue("ko", "run", "succeeded")).toBe("성공");
    expect(sayValue("ko", "run", "teleported")).toBe("teleported");
    expect(sayValue("ko", "run", null)).toBe("–");
    expect(sayValue("en", "run", "constructor")).toBe("constructor");
  });
});
