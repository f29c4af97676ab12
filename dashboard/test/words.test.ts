import { describe, expect, test } from "vitest";

import { en as enBase } from "../src/i18n/en";
import { enRare } from "../src/i18n/en/rare";
import { enCalls } from "../src/i18n/en/calls";
import { ko as koBase } from "../src/i18n/ko";
import { enReasons } from "../src/i18n/en/reasons";
import { enAb } from "../src/i18n/en/ab";
import { enModelsPage } from "../src/i18n/en/models";
import { koCalls } from "../src/i18n/ko/calls";
import { koAb } from "../src/i18n/ko/ab";
import { koModelsPage } from "../src/i18n/ko/models";
import { enOperationsPage } from "../src/i18n/en/operations";
import { koOperationsPage } from "../src/i18n/ko/operations";
import { koSettingsPage } from "../src/i18n/ko/settings";
import { koStockPage } from "../src/i18n/ko/stock";
import { enSettingsPage } from "../src/i18n/en/settings";
import { enStockPage } from "../src/i18n/en/stock";
import { koRare } from "../src/i18n/ko/rare";
import { koReasons } from "../src/i18n/ko/reasons";
import { say, sayValue } from "../src/i18n/words";
import { foreignInEnglish, foreignInKorean } from "./letters";

const slots = (words: string) => [...words.matchAll(/\{(\w+)\}/g)].map(([slot]) => slot).sort();
const ko: Record<string, string> = {
  ...koBase,
  ...koRare,
  ...koCalls,
  ...koAb,
  ...koModelsPage,
  ...koOperationsPage,
  ...koSettingsPage,
  ...koStockPage,
  ...koReasons,
};
const en: Record<string, string> = {
  ...enBase,
  ...enRare,
  ...enCalls,
  ...enAb,
  ...enModelsPage,
  ...enOperationsPage,
  ...enSettingsPage,
  ...enStockPage,
  ...enReasons,
};
const keys = Object.keys(ko);

describe("both languages say everything", () => {
  test("the same keys", () => expect(Object.keys(en)).toEqual(keys));

  test.each(keys)("%s has words and the same slots", (key) => {
    expect(ko[key]?.trim()).not.toBe("");
    expect(en[key]?.trim()).not.toBe("");
    expect(slots(en[key] ?? "")).toEqual(slots(ko[key] ?? ""));
  });
});

describe("figures are called what they are", () => {
  const languages = { ko, en };

  test.each(["ko", "en"] as const)(
    "%s: percent without a space, and no rise where the market is to be beaten",
    (name) => {
      const texts = Object.entries(languages[name]);
      expect(texts.filter(([, words]) => /[\d}] %/.test(words))).toEqual([]);
      // What the price itself does: colours of the charts, and names of events.
      const ofForecasts = texts.filter(([key]) => !/^(preference|event)\./.test(key));
      const rise = name === "ko" ? /상승|하락|오름|내림|오를|내릴|오른(?!쪽)|내린/ : /\b(rises?|falls?|rose|fell)\b/i;
      expect(ofForecasts.filter(([, words]) => rise.test(words))).toEqual([]);
    },
  );
});

describe("each language is spoken in its own words", () => {
  const found = (words: Record<string, string>, wrong: (text: string) => unknown[]) =>
    Object.entries(words).flatMap(([key, text]) => wrong(text).map((word) => [key, word]));

  test("Latin letters in Korean are names, terms, settings and commands", () =>
    expect(found(ko, foreignInKorean)).toEqual([]));

  test("Hangul in English is a name", () => expect(found(en, foreignInEnglish)).toEqual([]));

  test.each([
    ["새 run이 없어요", ["run"]],
    ["azak is 멈췄어요", ["is"]],
    ["azak jobs run refresh_stocks로 {name}을 불러와 주세요", []],
    ["AZAK_LLM_URL과 API", []],
  ])("%s", (text, words) => expect(foreignInKorean(text)).toEqual(words));

  test("Korean is 해요체 throughout", () =>
    expect(found(ko, (text) => text.match(/(?:니다|니까|시오)(?=[\s.,?!:]|$)/g) ?? [])).toEqual([]));

  test("a word that was given up does not come back", () => {
    const GIVEN_UP = /과거 재현|실제 예측|지난 판단|일시 정지|A\/B 시험|과거 자료|벡터|일꾼|저절로|소식 하나|되짚기/;
    expect(found(ko, (text) => text.match(GIVEN_UP) ?? [])).toEqual([]);
  });

  test("no key is in two files: the one fetched last would win", () => {
    const packs = [
      koBase,
      koRare,
      koCalls,
      koAb,
      koModelsPage,
      koOperationsPage,
      koSettingsPage,
      koStockPage,
      koReasons,
    ];
    const all = packs.flatMap((pack) => Object.keys(pack));
    expect(all.filter((key, at) => all.indexOf(key) !== at)).toEqual([]);
  });
});

describe("sentences", () => {
  test("slots are filled; a slot without a value stays visible", () => {
    expect(say("en", "stock.newsCount", { n: 3 })).toBe("stories: 3");
    expect(say("en", "stock.newsCount")).toBe("stories: {n}");
  });

  test("a value from outside is never taken for a slot or a pattern", () => {
    expect(say("en", "stock.newsCount", { n: "$& {n} <b>" })).toBe("stories: $& {n} <b>");
  });

  test("a value that this version does not know is shown as it came", () => {
    expect(sayValue("ko", "run", "succeeded")).toBe("성공");
    expect(sayValue("ko", "run", "teleported")).toBe("teleported");
    expect(sayValue("ko", "run", null)).toBe("–");
    expect(sayValue("en", "run", "constructor")).toBe("constructor");
  });
});
