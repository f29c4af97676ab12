import { useState } from "preact/hooks";

import type { Schemas } from "../../api/client";
import { POLL_SLOW_MS, useApi } from "../../api/queries";
import { Card, Disclaimer } from "../../components/card";
import { Loaded } from "../../components/states";
import { Table } from "../../components/table";
import { Estimate } from "../../components/values";
import { count, decimal, percent } from "../../format";
import { useWords } from "../../i18n/use-words";
import { Calibration } from "./calibration-chart";
import { TableSwitch } from "./curves";
import type { Selection } from "./view";

type Figures = Schemas["SizeFigures"];

function Skill({ of }: { of: Figures["brier_skill_3pct"] }) {
  return <Estimate of={of && { ...of, n: undefined }} show={(value) => decimal(value, 4)} />;
}

/** Skills beside what each must beat; the rate of the last 250 days says nothing of the whole size. */
function Skills({ figures }: { figures: Figures }) {
  const { t } = useWords();
  const { brier_skill_3pct, brier_skill_3pct_250, brier_skill_3pct_ewma, pinball_skill, pinball_skill_ewma } = figures;
  const rows = (
    [
      ["sizes.own", brier_skill_3pct, pinball_skill],
      ["sizes.recent", brier_skill_3pct_250, undefined],
      ["sizes.ewma", brier_skill_3pct_ewma, pinball_skill_ewma],
    ] as const
  ).map(([name, brier, pinball]) => ({
    key: name,
    cells: [t(name), <Skill of={brier} />, pinball === undefined ? "–" : <Skill of={pinball} />],
  }));
  return (
    <Table label={t("sizes.title")} head={[t("sizes.against"), t("sizes.brier"), t("sizes.pinball")]} rows={rows} />
  );
}

export function SizeStanding({ of, asTable }: { of: Schemas["SizeStanding"]; asTable: boolean }) {
  const { t, v } = useWords();
  const { bins, ece, rate_3pct } = of.figures;
  return (
    <section data-model={of.model}>
      <p>
        <strong>{v("model", of.model)}</strong>{" "}
        <span class="quiet">{t("metric.n", { n: count(of.n), days: count(of.n_days) })}</span>
      </p>
      <Skills figures={of.figures} />
      <Calibration bins={bins} asTable={asTable} label="sizes.label" />
      <p class="quiet">
        {t("sizes.rate", { rate: percent(rate_3pct.value), mean: percent(rate_3pct.baseline) })} ·{" "}
        {t("models.ece", { value: decimal(ece.value), n: count(of.n), days: of.n_days })}
      </p>
    </section>
  );
}

/** The record of forecasts of how large a move will be: on no list of directions, because they take no side. */
export function SizesCard({ selection }: { selection: Selection }) {
  const { t } = useWords();
  const [asTable, setTable] = useState(false);
  const [isRest, setRest] = useState(false);
  // The rest of a session is forecast live only.
  const asked = isRest ? { ...selection, mode: "live", horizon: 0 } : { ...selection };
  const query = useApi("/api/evaluations/sizes", asked, { every_ms: POLL_SLOW_MS });
  return (
    <Card
      title={t("sizes.title")}
      note={t("sizes.note")}
      actions={
        <>
          <button type="button" aria-pressed={isRest} onClick={() => setRest(!isRest)}>
            {t("sizes.rest")}
          </button>{" "}
          <TableSwitch isOn={asTable} onChange={setTable} />
        </>
      }
    >
      <Loaded query={query} height={520} isEmpty={({ items }) => items.length === 0} empty={t("metric.wait")}>
        {({ items }) => (
          <>
            {items.map((standing) => (
              <SizeStanding key={standing.model} of={standing} asTable={asTable} />
            ))}
          </>
        )}
      </Loaded>
      <Disclaimer />
    </Card>
  );
}
