// Small pieces that several pages share.

import type { ComponentChildren } from "preact";

import type { Schemas } from "../api/client";
import { ago, change, clockTime, count, moment, percent } from "../format";
import { useWords } from "../i18n/use-words";
import { safeAddress } from "../markdown";

interface CardProps {
  title: string;
  note?: ComponentChildren;
  actions?: ComponentChildren;
  wide?: boolean;
  children: ComponentChildren;
}

export function Card({ title, note, actions, wide, children }: CardProps) {
  const id = `card-${title.replace(/\W+/g, "-") || "x"}-${[...title].reduce((sum, letter) => sum + letter.charCodeAt(0), 0)}`;
  return (
    <section class={wide ? "card card-wide" : "card"} aria-labelledby={id}>
      <header class="card-head">
        <h2 id={id}>{title}</h2>
        {actions && <div class="actions">{actions}</div>}
      </header>
      {note && <p class="note">{note}</p>}
      {children}
    </section>
  );
}

/** A table that scrolls inside of itself, so that the page never does. */
export function Table({
  label,
  head,
  children,
  kind,
}: {
  label: string;
  head: ComponentChildren[];
  children: ComponentChildren;
  kind?: string;
}) {
  return (
    <div class="wide" tabIndex={0} role="group" aria-label={label}>
      <table class={kind}>
        <thead>
          <tr>
            {head.map((cell) => (
              <th scope="col">{cell}</th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

export type Side = "up" | "down" | "flat";

export function sideOf(value: number | null | undefined): Side {
  if (!value) return "flat";
  return value > 0 ? "up" : "down";
}

export function Change({ value, digits }: { value: number | null | undefined; digits?: number }) {
  return <span class={`number ${sideOf(value)}`}>{change(value, digits)}</span>;
}

const MARKS: Record<string, string> = { up: "▲", down: "▼", hold: "–" };

export function DirectionMark({ direction }: { direction: Schemas["Direction"] }) {
  const { v } = useWords();
  return (
    <span class={direction === "hold" ? "flat" : direction}>
      {MARKS[direction]} {v("direction", direction)}
    </span>
  );
}

/** An address from outside: a link only if it is http(s), never followed by a referrer. */
export function Outside({ href, children }: { href: string; children: ComponentChildren }) {
  const safe = safeAddress(href);
  if (!safe || safe.startsWith("#")) return <>{children}</>;
  return (
    <a href={safe} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}

export function Moment({ at }: { at: string | null | undefined }) {
  const { language } = useWords();
  return at ? (
    <time dateTime={at} title={clockTime(at, language)}>
      {moment(at, language)}
    </time>
  ) : (
    <>–</>
  );
}

export function Ago({ at }: { at: string | null | undefined }) {
  const { language } = useWords();
  return at ? (
    <time dateTime={at} title={moment(at, language)}>
      {ago(at, Date.now(), language)}
    </time>
  ) : (
    <>–</>
  );
}

type EstimateValue = Partial<Record<"value" | "low" | "high" | "baseline" | "n" | "n_days", number | null>>;

/** A figure never stands alone: interval, baseline, number of calls and days come with it. */
export function Estimate({ of, baseline = true }: { of: EstimateValue | null | undefined; baseline?: boolean }) {
  const { t } = useWords();
  if (!of || of.value == null) return <span class="quiet">{t("metric.none")}</span>;
  const interval =
    of.low == null || of.high == null ? t("metric.noInterval") : `${percent(of.low)}–${percent(of.high)}`;
  return (
    <span class="estimate">
      <strong class="number">{percent(of.value)}</strong>
      <span class="quiet number"> [{interval}]</span>
      {baseline && of.baseline != null && (
        <span class="quiet number block">
          {t("metric.baseline")} {percent(of.baseline)}
        </span>
      )}
      <span class="quiet number block">{t("metric.n", { n: count(of.n), days: count(of.n_days) })}</span>
    </span>
  );
}

export function Disclaimer() {
  const { t } = useWords();
  return <p class="disclaimer">{t("disclaimer")}</p>;
}

export function Bar({ share, label }: { share: number; label: string }) {
  const value = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <progress class="bar" max={100} value={value} aria-label={label}>
      {value}%
    </progress>
  );
}
