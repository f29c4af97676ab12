import { useState } from "preact/hooks";

import { write, type Schemas } from "../../api/client";
import { POLL_SLOW_MS, useApi, usePages } from "../../api/queries";
import { WriteButton } from "../../components/actions";
import { Field, Form } from "../../components/forms";
import { Select, type Choice } from "../../components/select";
import { Card } from "../../components/card";
import { Older } from "../../components/lists";
import { Loaded } from "../../components/states";
import { clockTime, dayOf } from "../../format";
import { useWords } from "../../i18n/use-words";
import type { Key } from "../../i18n/words";
import { serverTime_ms } from "../../server-clock";
import { comparable, firstPair, stepsOf } from "../../views/ab-test";

const HORIZONS = [1, 3, 5];
const METRICS = ["brier", "log_loss", "accuracy", "size_brier", "size_pinball"];

interface VersionsProps {
  name: string;
  label: string;
  /** Names of the models to choose from, and the one chosen at first. */
  models: string[];
  first: string;
  /** Whether the newest version stands under A already. */
  isSecond?: boolean;
}

/** Select of a model and, as the field `name` of the form, of one of its versions. */
function Versions({ name, label, models, first, isSecond = false }: VersionsProps) {
  const { v } = useWords();
  const [model, setModel] = useState(first);
  const detail = useApi("/api/models/{name}", { name: model });
  const found = detail.data?.versions ?? [];
  const versions = (isSecond ? found.slice(1) : found).map(({ id, version }): Choice => [String(id), version]);
  return (
    <>
      <Select
        label={label}
        value={model}
        options={models.map((name) => [name, v("model", name)])}
        onChange={setModel}
      />
      <Field key={model} name={name} label={`${label} ${v("ab", "version")}`} options={versions} required />
    </>
  );
}

/** The newest tests, each with the steps it allows now. */
function Tests() {
  const { t, v } = useWords();
  const list = usePages("/api/ab_test", { limit: 10 }, { every_ms: POLL_SLOW_MS });
  return (
    <>
      <ul class="list">
        {(list.data ?? []).map((test) => (
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
      <Older list={list} />
    </>
  );
}

function nameByTime(): string {
  const now = new Date(serverTime_ms()).toISOString();
  return `A/B ${dayOf(now)} ${clockTime(now, "en")}`;
}

function bodyOf(fields: Record<string, string>): Schemas["NewTest"] {
  return {
    name: fields["name"]?.trim() || nameByTime(),
    model_version_a: Number(fields["model_version_a"]),
    model_version_b: Number(fields["model_version_b"]),
    horizon: Number(fields["horizon"]) as Schemas["NewTest"]["horizon"],
    metric: fields["metric"] as Schemas["NewTest"]["metric"],
    alpha: Number(fields["alpha"]),
    minimum_sessions: Number(fields["minimum_sessions"]),
  };
}

/** Starts a draft; the words for how that went. */
async function start({ id }: Schemas["AbTestItem"]): Promise<Key> {
  return write("POST", `/api/ab_test/${id}/start`).then(
    () => "ab.started",
    () => "ab.notStarted",
  );
}

type Models = Schemas["ModelItem"][];

/** What is drafted: which models can be compared depends on the metric. */
function DraftFields({ models }: { models: Models }) {
  const { t, v } = useWords();
  const [metric, setMetric] = useState("brier");
  const names = comparable(models, metric).map(({ name }) => name);
  const [a, b] = firstPair(models, metric) ?? ["", ""];
  return (
    <>
      <Field name="name" label={t("settings.name")} placeholder={t("ab.name.empty")} />
      <Versions key={`A ${a}`} name="model_version_a" label="A" models={names} first={a} />
      <Versions key={`B ${b}`} name="model_version_b" label="B" models={names} first={b} isSecond={a === b} />
      <Field
        name="horizon"
        label={t("metric.horizon")}
        options={HORIZONS.map((n) => [String(n), t("horizon.days", { n })])}
      />
      <Field
        name="metric"
        label={t("ab.metric")}
        options={METRICS.map((name): Choice => [name, v("ab", name)])}
        onPick={setMetric}
      />
      <Field name="alpha" label="alpha" type="number" min={0.001} max={0.5} step={0.001} defaultValue="0.05" required />
      <Field
        name="minimum_sessions"
        label={t("ab.sessions")}
        type="number"
        min={1}
        max={2000}
        defaultValue="40"
        required
      />
    </>
  );
}

/** Drafts an A/B test; every setting is fixed before the first outcome is seen, which makes its verdict valid. */
export function AbTestSettings() {
  const { t } = useWords();
  const query = useApi("/api/models");
  return (
    <Card title={t("ab.title")} note={t("ab.settings.note")}>
      <Loaded query={query} height={220}>
        {({ items }) =>
          firstPair(items) ? (
            <Form<Schemas["AbTestItem"]>
              path="/api/ab_test"
              body={bodyOf}
              submit={t("ab.add")}
              second={t("ab.addAndStart")}
              onDone={async (test, { second }) => t(second ? await start(test) : "form.done")}
            >
              <DraftFields models={items} />
            </Form>
          ) : (
            <p class="empty">{t("ab.tooFew")}</p>
          )
        }
      </Loaded>
      <Tests />
    </Card>
  );
}
