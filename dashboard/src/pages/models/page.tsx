import { useState } from "preact/hooks";

import { useApi } from "../../api/queries";
import { UnknownFilter } from "../../components/lists";
import { Select } from "../../components/select";
import { useWords } from "../../i18n/use-words";
import { hrefOf, unknownFilters, useFilter, type Filter } from "../../route";
import { AbTestCard } from "./ab-test";
import { CurvesCards } from "./curves";
import { Leaderboard, useLeaderboard } from "./leaderboard";
import { SizesCard } from "./sizes";
import { StudiesCard } from "./studies";
import type { Selection } from "./view";

const MODES = ["live", "backtest", "backfill"];
const HORIZONS = ["1", "3", "5"];
const WINDOWS = ["all", "250", "60", "20"];

type Change = (changed: Filter) => void;

function Selectors({ selection, onChange }: { selection: Selection; onChange: Change }) {
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
        options={HORIZONS.map((n) => [n, t("horizon.days", { n })])}
        onChange={(horizon) => onChange({ horizon })}
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

/** The cards of a selection. */
function Cards({ selection, filter, onChange }: { selection: Selection; filter: Filter; onChange: Change }) {
  const [hasLoaded, setLoaded] = useState(false);
  const models = useApi("/api/models");
  const isPending = useLeaderboard(selection).isPending || models.isPending;
  // The height of the leaderboard is unknown until it has loaded; the cards below wait, so that they do not move.
  if (!isPending && !hasLoaded) setLoaded(true);
  return (
    <>
      <Leaderboard selection={selection} />
      {hasLoaded && (
        <>
          <CurvesCards
            selection={selection}
            model={filter["model"] ?? "gated"}
            onModel={(model) => onChange({ model })}
          />
          <SizesCard selection={selection} />
          <AbTestCard />
          <StudiesCard horizon={selection.horizon} />
        </>
      )}
    </>
  );
}

export function ModelsPage() {
  const { t } = useWords();
  const [filter, change] = useFilter();
  const models = useApi("/api/models");
  const unknown = unknownFilters(filter, {
    mode: MODES,
    horizon: HORIZONS,
    window: WINDOWS,
    model: models.data?.items.map(({ name }) => name) ?? /./,
  });
  const { mode = "backtest", horizon = "1", window = "all" } = filter;
  const selection = { mode, horizon: Number(horizon), window };
  return (
    <>
      <h1>{t("page.models")}</h1>
      <Selectors selection={selection} onChange={change} />
      {unknown ? (
        <UnknownFilter href={hrefOf("models")} filters={unknown} />
      ) : (
        <Cards selection={selection} filter={filter} onChange={change} />
      )}
    </>
  );
}
