import { useState } from "preact/hooks";

import type { Schemas } from "../../api/client";
import { useApi } from "../../api/queries";
import { WriteButton } from "../../components/actions";
import { Form, Select, type Choice } from "../../components/forms";
import { Card } from "../../components/card";
import { useWords } from "../../i18n/use-words";
import { stepsOf } from "../../views/ab-test";

/** Select of a model and, as the field `name` of the form, of one of its versions. */
function Versions({ name, label }: { name: string; label: string }) {
  const { v } = useWords();
  const models = useApi("/api/models");
  const [model, setModel] = useState("gated");
  const detail = useApi("/api/models/{name}", { name: model });
  const options = (models.data?.items ?? []).map(({ name }): Choice => [name, v("model", name)]);
  return (
    <>
      <Select label={label} value={model} options={options} onChange={setModel} />
      <label>
        {label} {v("ab", "version")}{" "}
        <select name={name} required>
          {(detail.data?.versions ?? []).map((version) => (
            <option value={version.id}>{version.version}</option>
          ))}
        </select>
      </label>
    </>
  );
}

/** The newest tests, each with the steps it allows now. */
function Tests() {
  const { t, v } = useWords();
  const query = useApi("/api/ab_test", { limit: 10 });
  return (
    <ul class="list">
      {(query.data?.items ?? []).map((test) => (
        <li key={test.id} data-test={test.id}>
          {test.name} <span class="chip">{v("ab", test.state)}</span>{" "}
          <span class="buttons">
            {stepsOf(test).map((step) => (
              <WriteButton path={`/api/ab_test/${test.id}/${step}`} label={`${t(`ab.${step}`)}: ${test.name}`}>
                {t(`ab.${step}`)}
              </WriteButton>
            ))}
          </span>
        </li>
      ))}
    </ul>
  );
}

function bodyOf(fields: Record<string, string>): Schemas["NewTest"] {
  return {
    name: fields["name"] ?? "",
    model_version_a: Number(fields["model_version_a"]),
    model_version_b: Number(fields["model_version_b"]),
    horizon: Number(fields["horizon"]) as Schemas["NewTest"]["horizon"],
    metric: fields["metric"] as Schemas["NewTest"]["metric"],
    alpha: Number(fields["alpha"]),
    minimum_sessions: Number(fields["minimum_sessions"]),
  };
}

/** Drafts an A/B test; every setting is fixed before the first outcome is seen, which makes its verdict valid. */
export function AbTestSettings() {
  const { t } = useWords();
  return (
    <Card title={t("ab.title")} note={t("ab.settings.note")}>
      <Form<Schemas["AbTestItem"]> path="/api/ab_test" body={bodyOf} submit={t("ab.draft")}>
        <label>
          {t("settings.name")} <input name="name" required maxLength={120} />
        </label>
        <Versions name="model_version_a" label="A" />
        <Versions name="model_version_b" label="B" />
        <label>
          {t("metric.horizon")}{" "}
          <select name="horizon">
            {[1, 3, 5].map((n) => (
              <option value={n}>{t("horizon.days", { n })}</option>
            ))}
          </select>
        </label>
        <label>
          {t("ab.metric")}{" "}
          <select name="metric">
            <option value="brier">Brier</option>
            <option value="log_loss">log loss</option>
            <option value="accuracy">accuracy</option>
          </select>
        </label>
        <label>
          alpha <input name="alpha" type="number" min={0.001} max={0.5} step={0.001} defaultValue={0.05} required />
        </label>
        <label>
          {t("ab.sessions")}{" "}
          <input name="minimum_sessions" type="number" min={1} max={2000} defaultValue={40} required />
        </label>
      </Form>
      <Tests />
    </Card>
  );
}
