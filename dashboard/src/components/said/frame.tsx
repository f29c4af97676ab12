// The frame of a page of one thing: what stands in its place where this azak does not have it, and its address to send.

import { useState } from "preact/hooks";

import { ProblemError } from "../../api/client";
import { useWords } from "../../i18n/use-words";
import { hrefOf } from "../../route";

/** Whether the API knows no such thing, or the id is none at all. */
export function isUnknown(error: Error | null): boolean {
  return error instanceof ProblemError && (error.problem.status === 404 || error.problem.status === 422);
}

export function Unknown({ kind, id }: { kind: "call" | "report"; id: string }) {
  const { t } = useWords();
  return (
    <>
      <h1>{t(`page.${kind}`)}</h1>
      <section class="card" role="alert">
        <p>{t(`${kind}.unknown`, { id })}</p>
        <p>
          <a href={hrefOf("overview")}>{t("action.home")}</a>
        </p>
      </section>
    </>
  );
}

/** Copies the address of the page; not shown where the browser lets no page write to its clipboard (plain http). */
export function CopyAddress() {
  const { t } = useWords();
  const [isCopied, setCopied] = useState(false);
  const clipboard = (navigator as { clipboard?: Clipboard }).clipboard;
  if (!clipboard) return null;
  const copy = () =>
    void clipboard.writeText(location.href).then(
      () => setCopied(true),
      () => undefined,
    );
  return (
    <button type="button" onClick={copy}>
      <span role="status">{t(isCopied ? "ask.copied" : "ask.copy")}</span>
    </button>
  );
}
