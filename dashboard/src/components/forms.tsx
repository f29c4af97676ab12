// Form elements: a field that says beside itself what is refused, and a form that sends one write.

import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ComponentChildren, type InputHTMLAttributes } from "preact";
import { useContext, useEffect, useId, useRef, useState } from "preact/hooks";

import { ProblemError, write, type Problem, type WriteMethod } from "../api/client";
import { dropDraft, keepDraft, restoreDraft } from "../drafts";
import { useRareWords, useWords } from "../i18n/use-words";
import { loadRare } from "../i18n/words";
import { invalidForm, kindOf, refusalsOf, type Refusal } from "../views/refusals";
import type { Choice } from "./select";
import { Failure } from "./states";

/** What the form around refuses, by the name of the field. */
const Refused = createContext<Partial<Record<string, string>>>({});

function RefusalNote({ id, words, hint }: { id: string; words: string | undefined; hint?: string | undefined }) {
  if (!words) return null;
  return (
    <p id={id} class="refusal" role="alert">
      {words} {hint}
    </p>
  );
}

type FieldProps = InputHTMLAttributes & {
  name: string;
  label: string;
  /** Said after a refusal: what the field takes. */
  hint?: string;
  /** A select in place of the input. */
  options?: Choice[];
  /** Told what is chosen among the options. */
  onPick?: (value: string) => void;
};

/** A named control of a form with its label, and beneath it what is wrong with it. */
export function Field({ label, hint, options, onPick, ...control }: FieldProps) {
  const id = useId();
  const refusal = useContext(Refused)[control.name];
  const described = refusal ? { "aria-invalid": true, "aria-describedby": id } : {};
  return (
    <div class="field">
      <label>
        {label}{" "}
        {options ? (
          <select
            name={control.name}
            required={control.required}
            onChange={(event) => onPick?.(event.currentTarget.value)}
            {...described}
          >
            {options.map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        ) : (
          <input {...control} {...described} />
        )}
      </label>
      <RefusalNote id={id} words={refusal} hint={hint} />
    </div>
  );
}

/** Controls that answer one question together, such as a row of check boxes; `name` is that of the body's field. */
export function FieldGroup({ name, label, children }: { name: string; label: string; children: ComponentChildren }) {
  const id = useId();
  const refusal = useContext(Refused)[name];
  return (
    <div class="field">
      <fieldset name={name} aria-describedby={refusal ? id : undefined}>
        <legend>{label}</legend>
        {children}
      </fieldset>
      <RefusalNote id={id} words={refusal} />
    </div>
  );
}

type Control = HTMLInputElement | HTMLSelectElement;

function controlsOf(form: HTMLFormElement): Control[] {
  return [...form.elements].filter(
    (element): element is Control => element instanceof HTMLInputElement || element instanceof HTMLSelectElement,
  );
}

/** What the browser finds wrong with the controls; null when all may be sent. */
function invalidControls(form: HTMLFormElement): Problem | null {
  const errors = controlsOf(form).flatMap((control) => {
    const { min = "", max = "", minLength = 0 } = control as Partial<HTMLInputElement>;
    const found = kindOf(control.validity, { min, max, minLength });
    return found ? [{ location: ["body", control.name], message: control.validationMessage, ...found }] : [];
  });
  return errors.length > 0 ? invalidForm(errors) : null;
}

/** Text of a control's label without that of the control itself; the name where there is none. */
function labelOf(form: HTMLFormElement, name: string): string {
  const control = controlsOf(form).find((control) => control.name === name);
  const label = control?.labels?.[0]?.firstChild?.textContent?.trim();
  return label || name;
}

interface Refusals {
  error: Error;
  beside: Record<string, string>;
  /** Refusals that no field shows. */
  lines: string[];
}

/** Sorts the refusals of a problem into those that a field shows and the rest, and moves the focus to the first field. */
function place(form: HTMLFormElement, error: Error, refusals: Refusal[]): Refusals {
  const found: Refusals = { error, beside: {}, lines: [] };
  const named = [...form.querySelectorAll<HTMLElement>(".field [name]")];
  const fieldOf = (name: string) => named.find((element) => element.getAttribute("name") === name);
  for (const { field, words } of refusals) {
    if (field !== null && fieldOf(field)) found.beside[field] ??= words;
    else found.lines.push(field === null ? words : `${labelOf(form, field)}: ${words}`);
  }
  named.find((element) => (element.getAttribute("name") ?? "") in found.beside)?.focus();
  return found;
}

function valuesOf(form: HTMLFormElement, pressed: HTMLElement | null): Record<string, string> {
  return Object.fromEntries(
    [...new FormData(form, pressed)].map(([name, value]) => [name, typeof value === "string" ? value : value.name]),
  );
}

interface FormProps<Answer> {
  method?: WriteMethod;
  path: string;
  /** Request body from the values of the fields by name. */
  body: (fields: Record<string, string>) => unknown;
  submit: string;
  /** A second button that sends the same; where it was pressed the fields have its name, "second". */
  second?: string;
  children: ComponentChildren;
  /** Message after success; "done" without it. */
  onDone?: (answer: Answer, fields: Record<string, string>) => ComponentChildren | Promise<ComponentChildren>;
}

/** Sends what its fields show. What was typed stays until it is accepted, also while the reader is on another page. */
export function Form<Answer>({ method = "POST", path, body, submit, second, children, onDone }: FormProps<Answer>) {
  const { t, language } = useWords();
  const [isTouched, touch] = useState(false);
  useRareWords(isTouched);
  const client = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const [refusals, setRefusals] = useState<Refusals | null>(null);
  const [message, setMessage] = useState<ComponentChildren>(null);
  const [isBusy, setBusy] = useState(false);
  // Counts accepted sends. The fields of the next one are new elements, so that all start from what they show.
  const [sent, setSent] = useState(0);
  useEffect(() => {
    if (form.current) restoreDraft(path, form.current);
  }, [path]);
  const refuse = async (form: HTMLFormElement, error: Error) => {
    await loadRare(language); // a refusal is worded once, when it comes
    setRefusals(place(form, error, error instanceof ProblemError ? refusalsOf(language, error.problem) : []));
  };
  const send = async (form: HTMLFormElement, pressed: HTMLElement | null) => {
    setRefusals(null);
    setMessage(null);
    const invalid = invalidControls(form);
    if (invalid) return refuse(form, new ProblemError(invalid, null));
    setBusy(true);
    try {
      const fields = valuesOf(form, pressed);
      const answer = await write<Answer>(method, path, body(fields));
      dropDraft(path);
      setSent((count) => count + 1);
      setMessage((await onDone?.(answer, fields)) ?? t("form.done"));
      void client.invalidateQueries();
    } catch (failure) {
      await refuse(form, failure as Error);
    } finally {
      setBusy(false);
    }
  };
  const isBesideOnly = refusals && refusals.lines.length === 0 && Object.keys(refusals.beside).length > 0;
  return (
    <form
      onFocusIn={() => touch(true)}
      ref={form}
      noValidate
      onInput={() => form.current && keepDraft(path, form.current)}
      onSubmit={(event) => {
        event.preventDefault();
        if (form.current) void send(form.current, (event as SubmitEvent).submitter);
      }}
    >
      <Refused.Provider value={refusals?.beside ?? {}}>
        <div class="fields" key={sent}>
          {children}
        </div>
      </Refused.Provider>
      <button type="submit" disabled={isBusy}>
        {submit}
      </button>
      {second && (
        <>
          {" "}
          <button type="submit" name="second" value="true" disabled={isBusy}>
            {second}
          </button>
        </>
      )}
      {refusals && !isBesideOnly && <Failure error={refusals.error} lines={refusals.lines} />}
      {message && (
        <p role="status" class="good">
          {message}
        </p>
      )}
    </form>
  );
}
