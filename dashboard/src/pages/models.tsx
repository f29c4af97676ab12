import { useState } from "preact/hooks";

import { RARELY_MS, useApi } from "../api/queries";
import { Select } from "../components/forms";
import { Card, Disclaimer, Estimate, Table } from "../components/parts";
import { Loaded } from "../components/states";
import type { Schemas } from "../api/client";
import { count, decimal, percent } from "../format";
import { useWords } from "../i18n/use-words";
import type { Words } from "../i18n/use-words";
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

type Standing = Schemas["Standing"];

const fourDigits = (value: number) => decimal(value, 4);
const twoDigits = (value: number) => percent(value, 2);

function Named({ standing }: { standing: Standing }) {
  const { t, v } = useWords();
  const skill = skillOf(standing);
  return (
    <>
      {standing.rank !== null && `${standing.rank}. `}
      {v("model", standing.model)} {standing.is_shown && <span class="chip">{t("models.shown")}</span>}
      {standing.is_benchmark && <span class="chip">{t("models.benchmark")}</span>}
      <span class="quiet block">{standing.version}</span>
      {standing.too_early ? (
        <span class="quiet block">{t("models.tooEarly")}</span>
      ) : (
        !standing.is_benchmark && <span class={`quiet block verdict-${skill}`}>{t(`skill.${skill}`)}</span>
      )}
    </>
  );
}

/** Without its n, which stands beside the accuracy of the same row. */
function bare(found: Schemas["Estimate"] | null) {
  return found && { ...found, n: undefined };
}

function cellsOf(standing: Standing, { t }: Words) {
  const needed = standing.sessions_needed;
  return [
    <Named standing={standing} />,
    <Estimate of={standing.accuracy} />,
    <Estimate of={bare(standing.brier_skill)} show={fourDigits} />,
    <Estimate of={bare(standing.log_loss)} show={fourDigits} />,
    <Estimate of={bare(standing.money?.long_only.daily_return ?? null)} show={twoDigits} />,
    needed?.value == null ? "–" : t("metric.sessions.needed", { n: count(needed.value) }),
  ];
}

function useLeaderboard(choice: Chosen) {
  return useApi("/api/evaluations/leaderboard", { ...choice }, { every_ms: RARELY_MS, keep: true });
}

function Leaderboard({ choice }: { choice: Chosen }) {
  const words = useWords();
  const { t } = words;
  const query = useLeaderboard(choice);
  const figures = [t("metric.accuracy"), t("models.skill"), t("models.logLoss"), t("models.money"), t("models.needed")];
  return (
    <Card title={t("models.leaderboard")} note={t("models.leaderboard.note")}>
      <Loaded query={query} height={640} isEmpty={(found) => found.items.length === 0} empty={t("metric.wait")}>
        {(found) => (
          <Table
            label={t("models.leaderboard")}
            head={[t("models.model"), ...figures]}
            rows={found.items.map((standing) => ({ key: standing.model, cells: cellsOf(standing, words) }))}
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
  // What stands below comes after the leaderboard, whose height nobody knows before: nothing moves then.
  const isFirst = useLeaderboard(choice).isPending;
  return (
    <>
      <h1>{t("page.models")}</h1>
      <Choices choice={choice} onChange={(changed) => setChoice((current) => ({ ...current, ...changed }))} />
      <Leaderboard choice={choice} />
      {!isFirst && (
        <>
          <CurvesCards choice={choice} />
          <AbTestCard />
        </>
      )}
    </>
  );
}
