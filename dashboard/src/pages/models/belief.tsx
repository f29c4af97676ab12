// "May I believe it?" in one sentence: what the record of the shown model proves, and by how much it rests on.

import type { Schemas } from "../../api/client";
import { count, decimal } from "../../format";
import { useWords } from "../../i18n/use-words";
import { skillOf } from "../../views/overview";

type Standing = Schemas["Standing"];

/** Too little to tell, or what the skill over the base rate proves. */
export function beliefOf(standing: Standing): "early" | ReturnType<typeof skillOf> {
  return standing.too_early || standing.brier_skill?.value == null ? "early" : skillOf(standing);
}

/** Nothing where no model is shown. */
export function Belief({ standings }: { standings: readonly Standing[] }) {
  const { t, v } = useWords();
  const shown = standings.find(({ is_shown }) => is_shown);
  if (!shown) return null;
  const { brier_skill: skill, n, n_days } = shown;
  const belief = beliefOf(shown);
  const figures = { value: decimal(skill?.value, 4), low: decimal(skill?.low, 4), high: decimal(skill?.high, 4) };
  return (
    <p class="headline" data-belief={belief}>
      <strong>{t(`belief.${belief}`, { model: v("model", shown.model) })}</strong>{" "}
      <span class="quiet">
        {belief !== "early" && skill?.low != null && `${t("belief.skill", figures)} · `}
        {t("metric.n", { n: count(n), days: count(n_days) })} · {t("belief.calls")}
      </span>
    </p>
  );
}
