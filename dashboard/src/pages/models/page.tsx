import { useState } from "preact/hooks";

import { useApi } from "../../api/queries";
import { Select } from "../../components/forms";
import { useWords } from "../../i18n/use-words";
import { AbTestCard } from "./ab-test";
import { CurvesCards } from "./curves";
import { Leaderboard, useLeaderboard } from "./leaderboard";
import type { Selection } from "./view";

const MODES = ["live", "backtest", "backfill"];
const HORIZONS = [1, 3, 5];
const WINDOWS = ["all", "250", "60", "20"];

function Selectors({ selection, onChange }: { selection: Selection; onChange: (changed: Partial<Selection>) => void }) {
  const { t, v } = useWords();
  return (
    <div class="filters">
      <Select
        label={t("metric.mode")}
        value={selection.mode}
        options={MODES.map((mode) => [mode, v("mode", mode)])}
        onChange={(mode) => onChange({ mode })}
      />
      <Select
        label={t("metric.horizon")}
        value={String(selection.horizon)}
        options={HORIZONS.map((n) => [String(n), t("horizon.days", { n })])}
        onChange={(n) => onChange({ horizon: Number(n) })}
      />
      <Select
        label={t("metric.window")}
        value={selection.window}
        options={WINDOWS.map((name) => [name, name === "all" ? t("filter.all") : t("metric.sessions", { n: name })])}
        onChange={(window) => onChange({ window })}
      />
    </div>
  );
}

export function ModelsPage() {
  const { t } = useWords();
  const [selection, setSelection] = useState<Selection>({ mode: "backtest", horizon: 1, window: "all" });
  const models = useApi("/api/models");
  // The height of the leaderboard is unknown until it has loaded; the cards below wait, so that they do not move.
  const isFirst = useLeaderboard(selection).isPending || models.isPending;
  return (
    <>
      <h1>{t("page.models")}</h1>
      <Selectors
        selection={selection}
        onChange={(changed) => setSelection((current) => ({ ...current, ...changed }))}
      />
      <Leaderboard selection={selection} />
      {!isFirst && (
        <>
          <CurvesCards selection={selection} />
          <AbTestCard />
        </>
      )}
    </>
  );
}
