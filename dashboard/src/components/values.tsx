// Single values of the API as elements: changes, directions, links, times, estimates, progress.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import { ago, change, clockTime, count, moment, ofHundred, percent, type Chances } from "../format";
import { useWords } from "../i18n/use-words";
import { safeAddress } from "../markdown";
import { serverTime_ms } from "../server-clock";
import type { Word } from "../views/word";

export type Side = "up" | "down" | "flat";

export function signOf(value: number | null | undefined): Side {
  if (!value) return "flat";
  return value > 0 ? "up" : "down";
}

export function Change({ value, digits }: { value: number | null | undefined; digits?: number }) {
  return <span class={`number ${signOf(value)}`}>{change(value, digits)}</span>;
}

/** Whole for what is proven, hollow for what only leans. */
const MARKS: Record<Word, string> = { call_up: "▲ ", call_down: "▼ ", lean_up: "△ ", lean_down: "▽ ", none: "" };
const SIDES: Record<Word, Side> = {
  call_up: "up",
  call_down: "down",
  lean_up: "flat",
  lean_down: "flat",
  none: "flat",
};

interface WordProps {
  word: Word;
  /** How many forecasts have it. */
  n?: number;
}

/** The word of a forecast: a call or a lean with its side, or none. */
export function WordMark({ word, n }: WordProps) {
  const { v } = useWords();
  return (
    <span class={SIDES[word]}>
      {MARKS[word]}
      {v("word", word)}
      {n !== undefined && ` ${count(n)}`}
    </span>
  );
}

/** A chance beside the usual one, what azak says without any evidence: "usually 46 of 100, now 51". */
export function Odds({ of }: { of: Chances }) {
  const { t } = useWords();
  const { usual, now } = ofHundred(of);
  return <>{usual === null ? t("forecast.oddsAlone", { now }) : t("forecast.odds", { usual, now })}</>;
}

/** An address from outside: a link only if it is http(s), never followed by a referrer. */
export function ExternalLink({ href, children }: { href: string; children: ComponentChildren }) {
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

const TICK_MS = 10_000;

/** The server's time. Ages grow although nothing new arrives: an unchanged answer draws nothing again. */
function useNow_ms(): number {
  const [now_ms, setNow] = useState(() => serverTime_ms());
  useEffect(() => {
    const timer = setInterval(() => setNow(serverTime_ms()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now_ms;
}

export function Ago({ at }: { at: string | null | undefined }) {
  const { language } = useWords();
  const now_ms = useNow_ms();
  return at ? (
    <time dateTime={at} title={moment(at, language)}>
      {ago(at, Math.max(now_ms, Date.parse(at)), language)}
    </time>
  ) : (
    <>–</>
  );
}

export type EstimateValue = Partial<Record<"value" | "low" | "high" | "baseline" | "n" | "n_days", number | null>>;

interface EstimateProps {
  of: EstimateValue | null | undefined;
  show?: (value: number) => string;
}

/** A figure never stands alone: interval, baseline, number of calls and days come with it. */
export function Estimate({ of, show = percent }: EstimateProps) {
  const { t } = useWords();
  if (!of || of.value == null) return <span class="quiet">{t("metric.none")}</span>;
  const interval = of.low == null || of.high == null ? t("metric.noInterval") : `${show(of.low)} … ${show(of.high)}`;
  return (
    <span class="estimate">
      <strong>{show(of.value)}</strong>
      <span class="quiet"> [{interval}]</span>
      {of.baseline != null && (
        <span class="quiet block">
          {t("metric.baseline")} {show(of.baseline)}
        </span>
      )}
      {of.n != null && <span class="quiet block">{t("metric.n", { n: count(of.n), days: count(of.n_days) })}</span>}
    </span>
  );
}

export function Bar({ share, label }: { share: number; label: string }) {
  const value = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <progress class="bar" max={100} value={value} aria-label={label}>
      {value}%
    </progress>
  );
}
