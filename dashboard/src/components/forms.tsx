// Form elements: a labelled select, and a form that sends one write and shows the API's answer or error beneath it.

import { useQueryClient } from "@tanstack/react-query";
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";

import { write, type WriteMethod } from "../api/client";
import { useWords } from "../i18n/use-words";
import { Failure } from "./states";

export type Choice = [value: string, words: string];

interface SelectProps {
  label: string;
  value: string;
  options: Choice[];
  onChange: (value: string) => void;
}

export function Select({ label, value, options, onChange }: SelectProps) {
  return (
    <label>
      {label}{" "}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([option, words]) => (
          <option value={option} selected={option === value}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

interface FormProps<Answer> {
  method?: WriteMethod;
  path: string;
  /** Request body from the values of the fields by name. */
  body: (fields: Record<string, string>) => unknown;
  submit: string;
  children: ComponentChildren;
  /** Message after success; "done" without it. */
  onDone?: (answer: Answer) => ComponentChildren;
}

export function Form<Answer>({ method = "POST", path, body, submit, children, onDone }: FormProps<Answer>) {
  const { t } = useWords();
  const client = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const [error, setError] = useState<Error | null>(null);
  const [message, setMessage] = useState<ComponentChildren>(null);
  const [isBusy, setBusy] = useState(false);
  const send = async (event: Event) => {
    event.preventDefault();
    if (!form.current) return;
    const fields = Object.fromEntries(
      [...new FormData(form.current)].map(([name, value]) => [name, typeof value === "string" ? value : value.name]),
    );
    setBusy(true);
    setError(null);
    setMessage(null);
    try {
      const answer = await write<Answer>(method, path, body(fields));
      form.current.reset();
      setMessage(onDone?.(answer) ?? t("form.done"));
      void client.invalidateQueries();
    } catch (failure) {
      setError(failure as Error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form ref={form} onSubmit={(event) => void send(event)}>
      <div class="fields">{children}</div>
      <button type="submit" disabled={isBusy}>
        {submit}
      </button>
      {error && <Failure error={error} />}
      {message && (
        <p role="status" class="good">
          {message}
        </p>
      )}
    </form>
  );
}
