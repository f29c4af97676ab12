import { expect, test } from "vitest";

import { parsePreferences, type Preferences } from "../src/preferences";

const FALLBACK: Preferences = { language: "ko", theme: "auto", colours: "red-up" };

test.each([null, "", "not json", "null", "[]", "7", '{"language":"xx","theme":1,"colours":{}}'])(
  "%s in the storage gives the defaults",
  (stored) => expect(parsePreferences(stored, FALLBACK)).toEqual(FALLBACK),
);

test("what was chosen is kept, each by itself", () => {
  expect(parsePreferences('{"language":"en","theme":"dark"}', FALLBACK)).toEqual({
    language: "en",
    theme: "dark",
    colours: "red-up",
  });
});
