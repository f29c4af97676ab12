// What is typed into forms and not sent yet, by the form's name. Memory only: passwords are left out, but a shared
// computer should not keep the rest either.

type Fields = ReadonlyMap<string, string>;
const drafts = new Map<string, Fields>();

function inputsOf(form: HTMLFormElement): HTMLInputElement[] {
  return [...form.elements].filter(
    (element): element is HTMLInputElement =>
      element instanceof HTMLInputElement && element.name !== "" && element.type !== "password",
  );
}

/** Keeps the inputs of `form` that differ from their defaults. */
export function keepDraft(name: string, form: HTMLFormElement): void {
  const changed = new Map<string, string>();
  for (const input of inputsOf(form)) {
    if (input.type === "checkbox" && input.checked !== input.defaultChecked)
      changed.set(input.name, String(input.checked));
    if (input.type !== "checkbox" && input.value !== input.defaultValue) changed.set(input.name, input.value);
  }
  if (changed.size > 0) drafts.set(name, changed);
  else drafts.delete(name);
}

export function restoreDraft(name: string, form: HTMLFormElement): void {
  const draft = drafts.get(name);
  for (const input of draft ? inputsOf(form) : []) {
    const value = draft?.get(input.name);
    if (value === undefined) continue;
    if (input.type === "checkbox") input.checked = value === "true";
    else input.value = value;
  }
}

export function dropDraft(name: string): void {
  drafts.delete(name);
}

export function hasDraft(name?: string): boolean {
  return name === undefined ? drafts.size > 0 : drafts.has(name);
}
