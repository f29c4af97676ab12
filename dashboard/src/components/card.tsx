import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

import { useWords } from "../i18n/use-words";

interface CardProps {
  title: string;
  note?: ComponentChildren;
  actions?: ComponentChildren;
  children: ComponentChildren;
}

export function Card({ title, note, actions, children }: CardProps) {
  const id = useId();
  return (
    <section class="card" aria-labelledby={id}>
      <header class="card-head">
        <h2 id={id}>{title}</h2>
        {actions && <div class="actions">{actions}</div>}
      </header>
      {note && <p class="note">{note}</p>}
      {children}
    </section>
  );
}

export function Disclaimer() {
  const { t } = useWords();
  return <p class="disclaimer">{t("disclaimer")}</p>;
}

/** A name and what is said under it, in a list of facts. */
export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
