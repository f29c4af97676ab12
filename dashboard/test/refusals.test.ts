import { describe, expect, test } from "vitest";

import type { Problem } from "../src/api/client";
import { adviceOf, invalidForm, kindOf, refusalsOf, titleOf } from "../src/views/refusals";

const problem = (slug: string, errors: Problem["errors"] = null): Problem => ({
  type: `/problems/${slug}`,
  title: "Title of the API",
  status: 422,
  detail: "Sentence of the API.",
  instance: "/api/x",
  request_id: null,
  values: null,
  errors,
});
const error = (location: (string | number)[], kind: string, values = {}) => ({
  location,
  kind,
  values,
  message: `${kind} in the API's words`,
});

describe("problems in the reader's language", () => {
  test("a class of problem has its title and its advice", () => {
    expect(titleOf("ko", problem("invalid-input"))).toBe("입력 확인 필요");
    expect(titleOf("en", problem("too-many-requests"))).toBe("Too many requests");
    expect(adviceOf("ko", problem("too-many-requests"), 7)).toContain("7초 뒤에");
    expect(adviceOf("en", problem("internal-error"), null)).toContain("azak failed");
  });

  test("a class that this version does not know keeps the API's own words", () => {
    expect(titleOf("ko", problem("constructor"))).toBe("Title of the API");
    expect(adviceOf("ko", problem("of-tomorrow"), null)).toBe("Sentence of the API.");
  });

  test("refusals name their field, and say the limit that was broken", () => {
    const refused = problem("invalid-input", [
      error(["body", "name"], "string_too_long", { max_length: 100 }),
      error(["body", "parameters", "k"], "of-tomorrow"),
      error(["query", "limit"], "missing"),
      error([], "too-few-sessions", { seen: 3, minimum: 40 }),
    ]);
    expect(refusalsOf("ko", refused)).toEqual([
      { field: "name", words: "100자까지 입력할 수 있어요." },
      { field: "parameters", words: "of-tomorrow in the API's words" },
      { field: null, words: "이 항목을 입력해 주세요." },
      { field: null, words: expect.stringContaining("40거래일 중 3일") },
    ]);
    expect(refusalsOf("en", problem("conflict"))).toEqual([]);
  });
});

describe("what the browser itself refuses", () => {
  const limits = { min: "1", max: "9", minLength: 8 };
  test.each([
    ["valueMissing", "missing", {}],
    ["badInput", "float_parsing", {}],
    ["patternMismatch", "string_pattern_mismatch", {}],
    ["tooShort", "string_too_short", { min_length: 8 }],
    ["rangeUnderflow", "greater_than_equal", { ge: "1" }],
    ["rangeOverflow", "less_than_equal", { le: "9" }],
    ["stepMismatch", "step", {}],
  ])("%s is said as %s", (flag, kind, values) => {
    expect(kindOf({ [flag]: true } as never, limits)).toEqual({ kind, values });
    const said = refusalsOf(
      "ko",
      invalidForm([{ location: ["body", "x"], message: "", kind, values: values as never }]),
    );
    expect(said[0]?.words).toMatch(/요\.$/);
    expect(said[0]?.words).not.toMatch(/[{}]/);
  });

  test("nothing is nothing", () => expect(kindOf({ valid: true } as never, limits)).toBeNull());
});
