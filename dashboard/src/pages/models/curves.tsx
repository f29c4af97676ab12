import { useState } from "preact/hooks";

import { POLL_SLOW_MS, useApi } from "../../api/queries";
import { Calibration } from "./calibration-chart";
import { OverTime } from "./over-time-chart";
import { Select } from "../../components/select";
import { Card, Disclaimer } from "../../components/card";
import { Loaded } from "../../components/states";
import { decimal } from "../../format";
import { useWords } from "../../i18n/use-words";
import { accuracyByDay, type Selection } from "./view";

const HEIGHT = 360;

export function TableSwitch({ isOn, onChange }: { isOn: boolean; onChange: (isOn: boolean) => void }) {
  const { t } = useWords();
  return (
    <button type="button" aria-pressed={isOn} onClick={() => onChange(!isOn)}>
      {t("action.table")}
    </button>
  );
}

function CalibrationCard({ model, selection }: { model: string; selection: Selection }) {
  const { t } = useWords();
  const [asTable, setTable] = useState(false);
  const parameters = { model, ...selection };
  const query = useApi("/api/evaluations/{model}/calibration", parameters, { every_ms: POLL_SLOW_MS });
  return (
    <Card
      title={t("models.calibration")}
      note={t("models.calibration.note")}
      actions={<TableSwitch isOn={asTable} onChange={setTable} />}
    >
      <Loaded query={query} height={HEIGHT} isEmpty={(found) => found.bins.length === 0} empty={t("metric.wait")}>
        {({ bins, ece, n, n_days }) => (
          <>
            <Calibration bins={bins} asTable={asTable} />
            <p class="quiet">{t("models.ece", { value: decimal(ece?.value), n, days: n_days })}</p>
          </>
        )}
      </Loaded>
      <Disclaimer />
    </Card>
  );
}

function OverTimeCard({ model, selection }: { model: string; selection: Selection }) {
  const { t } = useWords();
  const [asTable, setTable] = useState(false);
  const query = useApi(
    "/api/evaluations/{model}/daily",
    { model, mode: selection.mode, horizon: selection.horizon, limit: 120, figure: "accuracy" },
    { every_ms: POLL_SLOW_MS },
  );
  return (
    <Card
      title={t("models.overTime")}
      note={t("models.overTime.note")}
      actions={<TableSwitch isOn={asTable} onChange={setTable} />}
    >
      <Loaded query={query} height={HEIGHT} isEmpty={(page) => page.items.length === 0} empty={t("metric.wait")}>
        {(page) => <OverTime points={accuracyByDay(page.items)} asTable={asTable} />}
      </Loaded>
    </Card>
  );
}

interface Props {
  selection: Selection;
  model: string;
  onModel: (model: string) => void;
}

/** Curves of one model at a time. */
export function CurvesCards({ selection, model: chosen, onModel }: Props) {
  const { t, v } = useWords();
  const models = useApi("/api/models");
  const names = models.data?.items.map(({ name }) => name) ?? [];
  const model = names.includes(chosen) ? chosen : names[0];
  // Before the first training there is nothing to draw, and to ask for a model would be refused.
  if (model === undefined) {
    return (
      <Card title={t("models.calibration")}>
        <Loaded query={models} height={HEIGHT} isEmpty={() => true} empty={t("models.none")}>
          {() => null}
        </Loaded>
      </Card>
    );
  }
  return (
    <>
      <div class="filters">
        <Select
          label={t("models.model")}
          value={model}
          options={names.map((name) => [name, v("model", name)])}
          onChange={onModel}
        />
      </div>
      <div class="columns columns-equal">
        <CalibrationCard model={model} selection={selection} />
        <OverTimeCard model={model} selection={selection} />
      </div>
    </>
  );
}
