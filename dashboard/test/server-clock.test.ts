import { afterEach, expect, test } from "vitest";

import { noteServerDate, serverTime_ms } from "../src/server-clock";

const noon_ms = Date.parse("2026-11-26T12:00:00Z");
const noon = new Date(noon_ms).toUTCString();
const HOUR_MS = 3_600_000;

afterEach(() => noteServerDate(noon, noon_ms));

test.each([2 * HOUR_MS, -26 * HOUR_MS])("a browser whose clock is %i ms off counts from the server's", (off_ms) => {
  noteServerDate(noon, noon_ms + off_ms);
  expect(serverTime_ms(noon_ms + off_ms + 5_000)).toBe(noon_ms + 5_000);
});

test("a header has whole seconds only, so a second is no difference", () => {
  noteServerDate(noon, noon_ms + 999);
  expect(serverTime_ms(noon_ms + 999)).toBe(noon_ms + 999);
});

test.each([null, "", "yesterday"])("without a date (%j) what was known stays", (date) => {
  noteServerDate(noon, noon_ms + HOUR_MS);
  noteServerDate(date, noon_ms + HOUR_MS);
  expect(serverTime_ms(noon_ms + HOUR_MS)).toBe(noon_ms);
});
