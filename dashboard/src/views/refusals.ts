// Refusals in the reader's language: of fields by the kind that the API (or the browser's own check) names.

import type { Problem } from "../api/client";
import type { Language } from "../format";
import { isKey, say } from "../i18n/words";

export interface Refusal {
  /** Name of the field; null for the request as a whole. */
  field: string | null;
  words: string;
}

type FieldError = NonNullable<Problem["errors"]>[number];

/** The last part of a problem's type, such as "not-found". */
export function slugOf(problem: Pick<Problem, "type">): string {
  return problem.type.split("/").at(-1) ?? "";
}

function sayKnown(language: Language, key: string, values: Record<string, string | number>): string | null {
  return isKey(language, key) ? say(language, key, values) : null;
}

export function titleOf(language: Language, problem: Problem): string {
  return sayKnown(language, `problem.${slugOf(problem)}`, {}) ?? problem.title;
}

/** The class of a reason to look, of /api/health; null for a code that this version does not know. */
export function troubleOf(language: Language, code: string): string | null {
  return sayKnown(language, `problem.${code}`, {});
}

/** What to do, as a sentence; the API's own for a slug that this version does not know. */
export function adviceOf(language: Language, problem: Problem, retryAfter_s: number | null): string {
  return sayKnown(language, `problem.${slugOf(problem)}.detail`, { seconds: retryAfter_s ?? 60 }) ?? problem.detail;
}

export function refusalsOf(language: Language, problem: Problem): Refusal[] {
  return (problem.errors ?? []).map(({ location, kind, values, message }) => {
    const [part, name] = location;
    const field = part === "body" && typeof name === "string" ? name : null;
    return { field, words: sayKnown(language, `refusal.${kind}`, values) ?? message };
  });
}

/** Kind and limits of what a browser finds wrong with a control. */
export function kindOf(
  validity: ValidityState,
  limits: Record<"min" | "max" | "minLength", string | number>,
): Pick<FieldError, "kind" | "values"> | null {
  if (validity.valueMissing) return { kind: "missing", values: {} };
  if (validity.badInput) return { kind: "float_parsing", values: {} };
  if (validity.patternMismatch) return { kind: "string_pattern_mismatch", values: {} };
  if (validity.tooShort) return { kind: "string_too_short", values: { min_length: limits.minLength } };
  if (validity.rangeUnderflow) return { kind: "greater_than_equal", values: { ge: limits.min } };
  if (validity.rangeOverflow) return { kind: "less_than_equal", values: { le: limits.max } };
  if (validity.stepMismatch) return { kind: "step", values: {} };
  return null;
}

/** The problem of a form that the browser refuses to send. */
export function invalidForm(errors: FieldError[]): Problem {
  const detail = "The browser refuses to send this form.";
  const told = { title: "Invalid input", status: 422, detail, instance: "", request_id: null };
  return { type: "/problems/invalid-input", ...told, errors };
}
