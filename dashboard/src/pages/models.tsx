import { useState } from "preact/hooks";

import { RARELY_MS, useApi } from "../api/queries";
import { Card, Disclaimer, Estimate, Table } from "../components/parts";
import { Loaded } from "../components/states";
import type { Schemas } from "../api/client";
import { decimal } from "../format";
import { useWords } from "../i18n/use-words";
import type { Words } from "../i18n/use-words";
import { estimateOf } from "../views/models";
import { AbTestCard } from "./models-ab-test";
import { CurvesCards } from "./models-curves";

const MODES = ["live", "backtest", "backfill"];
const HORIZONS = [1, 3, 5];
const WINDOWS = ["all", "250", "60", "20"];

export interface Choice {
  mode: string;
  horizon: number;
  window: string;
}

function Choices({ choice, onChange }: { choice: Choice; onChange: (changed: Partial<Choice>) => void }) {
  const { t, v } = useWords();
  return (
    <div class="filters">
      <label>
        {t("metric.mode")}{" "}
        <select value={choice.mode} onChange={(event) => onChange({ mode: event.currentTarget.value })}>
          {MODES.map((mode) => (
            <option value={mode}>{v("mode", mode)}</option>
          ))}
        </select>
      </label>
      <label>
        {t("metric.horizon")}{" "}
        <select value={choice.horizon} onChange={(event) => onChange({ horizon: Number(event.currentTarget.value) })}>
          {HORIZONS.map((n) => (
            <option value={n}>{t("horizon.days", { n })}</option>
          ))}
        </select>
      </label>
      <label>
        {t("metric.window")}{" "}
        <select value={choice.window} onChange={(event) => onChange({ window: event.currentTarget.value })}>
          {WINDOWS.map((name) => (
            <option value={name}>{name === "all" ? t("filter.all") : t("metric.sessions", { n: name })}</option>
          ))}
        </select>
      </label>
    </div>
  );
}

/** A loss or skill with its interval and baseline; smaller losses are better, the head says so. */
function Number_({ row, name, words }: { row: Schemas["MetricItem"]; name: string; words: Words }) {
  const found = estimateOf(row, name);
  if (found?.value == null) return <span class="quiet">{words.t("metric.none")}</span>;
  const interval =
    found.low == null || found.high == null
      ? words.t("metric.noInterval")
      : `${decimal(found.low, 4)} … ${decimal(found.high, 4)}`;
  return (
    <span class="estimate">
      <strong class="number">{decimal(found.value, 4)}</strong>
      <span class="quiet number block">[{interval}]</span>
      {found.baseline != null && (
        <span class="quiet number block">
          {words.t("metric.baseline")} {decimal(found.baseline, 4)}
        </span>
      )}
    </span>
  );
}

function Leaderboard({ choice }: { choice: Choice }) {
  const words = useWords();
  const { t, v } = words;
  const query = useApi("/api/evaluations", { ...choice }, { every_ms: RARELY_MS, keep: true });
  const head = [
    t("models.model"),
    t("metric.accuracy"),
    t("models.brier"),
    t("models.skill"),
    t("models.logLoss"),
    t("models.coverage"),
  ];
  return (
    <Card title={t("models.leaderboard")} note={t("models.leaderboard.note")} wide>
      <Loaded query={query} height={420} isEmpty={(found) => found.items.length === 0} empty={t("metric.wait")}>
        {(found) => (
          <Table label={t("models.leaderboard")} head={head}>
            {found.items.map((row) => (
              <tr key={row.model_version_id}>
                <th scope="row">
                  {v("model", row.model)}
                  <span class="quiet block">{row.version}</span>
                </th>
                <td>
                  <Estimate of={estimateOf(row, "accuracy")} />
                </td>
                <td>
                  <Number_ row={row} name="brier" words={words} />
                </td>
                <td>
                  <Number_ row={row} name="brier_skill" words={words} />
                </td>
                <td>
                  <Number_ row={row} name="log_loss" words={words} />
                </td>
                <td>
                  <Estimate of={estimateOf(row, "band_coverage")} />
                </td>
              </tr>
            ))}
          </Table>
        )}
      </Loaded>
      <Disclaimer />
    </Card>
  );
}

export function ModelsPage() {
  const { t } = useWords();
  const [choice, setChoice] = useState<Choice>({ mode: "backtest", horizon: 1, window: "all" });
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
