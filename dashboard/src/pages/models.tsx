import { useState } from "preact/hooks";

import { RARELY_MS, useApi } from "../api/queries";
import { Select } from "../components/forms";
import { Card, Disclaimer, Estimate, Table } from "../components/parts";
import { Loaded } from "../components/states";
import type { Schemas } from "../api/client";
import { decimal } from "../format";
import { useWords } from "../i18n/use-words";
import type { Words } from "../i18n/use-words";
import { estimateOf } from "../views/models";
import { skillOf } from "../views/overview";
import { AbTestCard } from "./models-ab-test";
import { CurvesCards } from "./models-curves";

const MODES = ["live", "backtest", "backfill"];
const HORIZONS = [1, 3, 5];
const WINDOWS = ["all", "250", "60", "20"];

export interface Chosen {
  mode: string;
  horizon: number;
  window: string;
}

function Choices({ choice, onChange }: { choice: Chosen; onChange: (changed: Partial<Chosen>) => void }) {
  const { t, v } = useWords();
  return (
    <div class="filters">
      <Select
        label={t("metric.mode")}
        value={choice.mode}
        options={MODES.map((mode) => [mode, v("mode", mode)])}
        onChange={(mode) => onChange({ mode })}
      />
      <Select
        label={t("metric.horizon")}
        value={String(choice.horizon)}
        options={HORIZONS.map((n) => [String(n), t("horizon.days", { n })])}
        onChange={(n) => onChange({ horizon: Number(n) })}
      />
      <Select
        label={t("metric.window")}
        value={choice.window}
        options={WINDOWS.map((name) => [name, name === "all" ? t("filter.all") : t("metric.sessions", { n: name })])}
        onChange={(window) => onChange({ window })}
      />
    </div>
  );
}

const fourDigits = (value: number) => decimal(value, 4);

/** Without their n, which stands beside the accuracy of the same row. */
function lossOf(row: Schemas["MetricItem"], name: string) {
  const found = estimateOf(row, name);
  return found && { ...found, n: null };
}

function cellsOf(row: Schemas["MetricItem"], { t, v }: Words) {
  const skill = skillOf(estimateOf(row, "brier_skill"));
  return [
    <>
      {v("model", row.model)} <span class="quiet block">{row.version}</span>
      {row.model !== "base" && <span class={`quiet block verdict-${skill}`}>{t(`skill.${skill}`)}</span>}
    </>,
    <Estimate of={estimateOf(row, "accuracy")} />,
    ...["brier", "brier_skill", "log_loss"].map((name) => <Estimate of={lossOf(row, name)} show={fourDigits} />),
    <Estimate of={lossOf(row, "band_coverage")} />,
  ];
}

function Leaderboard({ choice }: { choice: Chosen }) {
  const words = useWords();
  const { t } = words;
  const query = useApi("/api/evaluations", { ...choice }, { every_ms: RARELY_MS, keep: true });
  const figures = [
    t("metric.accuracy"),
    t("models.brier"),
    t("models.skill"),
    t("models.logLoss"),
    t("models.coverage"),
  ];
  return (
    <Card title={t("models.leaderboard")} note={t("models.leaderboard.note")}>
      <Loaded query={query} height={420} isEmpty={(found) => found.items.length === 0} empty={t("metric.wait")}>
        {(found) => (
          <Table
            label={t("models.leaderboard")}
            head={[t("models.model"), ...figures]}
            rows={found.items.map((row) => ({ key: row.model_version_id, cells: cellsOf(row, words) }))}
          />
        )}
      </Loaded>
      <Disclaimer />
    </Card>
  );
}

export function ModelsPage() {
  const { t } = useWords();
  const [choice, setChoice] = useState<Chosen>({ mode: "backtest", horizon: 1, window: "all" });
  return (
    <>
      <h1>{t("page.models")}</h1>
      <Choices choice={choice} onChange={(changed) => setChoice((current) => ({ ...current, ...changed }))} />
      <Leaderboard choice={choice} />
      <CurvesCards choice={choice} />
      <AbTestCard />
    </>
  );
}
