// The record of forecasts: opinions that were given, and how often the price ended inside the band.

import { count, percent } from "../format";
import { useWords } from "../i18n/use-words";
import { Estimate, type EstimateValue } from "./values";

interface OpinionsProps {
  /** Share of right opinions; null where none was given. */
  of: EstimateValue | null;
  /** Forecasts that were scored, with or without an opinion. */
  scored: number;
}

/** How often the opinions were right, or that none was ever given: forecasts without one have no hit rate. */
export function OpinionAccuracy({ of, scored }: OpinionsProps) {
  const { t } = useWords();
  if (of?.value != null) return <Estimate of={of} />;
  return (
    <span class="estimate">
      <strong>{t("record.noOpinion", { scored: count(scored) })}</strong>
    </span>
  );
}

/** The same in one quiet line, beside another figure. */
export function OpinionLine({ of, scored }: OpinionsProps) {
  const { t } = useWords();
  const words =
    of?.value == null
      ? t("record.noOpinion", { scored: count(scored) })
      : t("record.opinions", { given: count(of.n), scored: count(scored), share: percent(of.value) });
  return <span class="quiet block">{words}</span>;
}

/** How many prices ended inside their 80% band. */
export function BandHits({ of }: { of: EstimateValue | null }) {
  const { t } = useWords();
  if (of?.value == null || of.n == null) return null;
  const inside = Math.round(of.value * of.n);
  return (
    <span class="block">{t("record.band", { inside: count(inside), n: count(of.n), share: percent(of.value) })}</span>
  );
}
