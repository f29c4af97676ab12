import { useQueryClient } from "@tanstack/react-query";
import { useState } from "preact/hooks";

import { write, type Schemas } from "../api/client";
import { useApi } from "../api/queries";
import { Form } from "../components/forms";
import { Card } from "../components/parts";
import { Failure } from "../components/states";
import { useWords } from "../i18n/use-words";

/** The newest version of a model, as its two ids are wanted by the form. */
function Versions({ name, label }: { name: string; label: string }) {
  const { v } = useWords();
  const models = useApi("/api/models");
  const [model, setModel] = useState("gated");
  const detail = useApi("/api/models/{name}", { name: model });
  return (
    <>
      <label>
        {label}{" "}
        <select value={model} onChange={(event) => setModel(event.currentTarget.value)}>
          {(models.data?.items ?? []).map((item) => (
            <option value={item.name} selected={item.name === model}>
              {v("model", item.name)}
            </option>
          ))}
        </select>
      </label>
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

function Drafts() {
  const { t, v } = useWords();
  const client = useQueryClient();
  const [error, setError] = useState<Error | null>(null);
  const query = useApi("/api/ab_test", { limit: 10 });
  const start = async (id: number) => {
    setError(null);
    try {
      await write("POST", `/api/ab_test/${id}/start`);
      await client.invalidateQueries({ queryKey: ["/api/ab_test"] });
    } catch (failure) {
      setError(failure as Error);
    }
  };
  return (
    <>
      <ul class="list">
        {(query.data?.items ?? []).map((test) => (
          <li>
            {test.name} <span class="chip">{v("ab", test.state)}</span>{" "}
            {test.state === "draft" && (
              <button type="button" aria-label={`${t("ab.start")}: ${test.name}`} onClick={() => void start(test.id)}>
                {t("ab.start")}
              </button>
            )}
          </li>
        ))}
      </ul>
      {error && <Failure error={error} />}
    </>
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

/** Everything is fixed before the first outcome is seen: that is what makes the verdict worth something. */
export function AbTestSettings() {
  const { t } = useWords();
  return (
    <Card title={t("ab.title")} note={t("ab.settings.note")} wide>
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
      <Drafts />
    </Card>
  );
}
