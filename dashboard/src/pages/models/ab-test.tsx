import { Suspense } from "preact/compat";

import type { Schemas } from "../../api/client";
import { POLL_SLOW_MS, useApi, usePages } from "../../api/queries";
import { Card } from "../../components/card";
import { Older } from "../../components/lists";
import { Table } from "../../components/table";
import { Bar, Estimate, Moment } from "../../components/values";
import { Loaded } from "../../components/states";
import { lazyPart } from "../../components/unloaded";
import { count, decimal, percent } from "../../format";
import { useWords } from "../../i18n/use-words";
import { loadWordsOf } from "../../i18n/words";
import { hrefOf } from "../../route";
import { progressOf } from "../../views/ab-test";

type Test = Schemas["AbTestItem"];
type Panel = Schemas["Panel"];

/** Only a test with outcomes has a verdict to explain. */
const Why = lazyPart(() => Promise.all([import("./ab-why"), loadWordsOf("ab")]).then(([module]) => module.Why));

/** Losses of a whole size are fractions of a price, some hundred times smaller than those of a probability. */
const digitsOf = ({ metric }: Test) => (metric === "size_pinball" ? 6 : 4);

/** Loss of both versions on the same items, and the verdict on their difference. */
function Measured({ test, panel }: { test: Test; panel: Panel }) {
  const { t, v } = useWords();
  const digits = digitsOf(test);
  const show = (value: number) => decimal(value, digits);
  const rows = [
    { key: "A", cells: [`A: ${v("model", test.model_a)}`, <Estimate of={panel.loss_a} show={show} />] },
    { key: "B", cells: [`B: ${v("model", test.model_b)}`, <Estimate of={panel.loss_b} show={show} />] },
  ];
  return (
    <>
      <p>
        <strong>{v("verdict.ab", panel.verdict)}</strong>{" "}
        <Suspense fallback={null}>
          <Why panel={panel} />
        </Suspense>
      </p>
      <Table label={test.name} head={["", v("ab", test.metric)]} rows={rows} isDense />
      <p class="quiet">
        {t("ab.verdict", {
          p: decimal(panel.p_value),
          difference: decimal(panel.difference, digits),
          low: decimal(panel.low, digits),
          high: decimal(panel.high, digits),
          level: percent(1 - test.alpha, 0),
        })}
        {panel.blocks !== null && ` · ${t("ab.blocks", { n: count(panel.blocks), days: count(panel.block_length) })}`}
        {panel.sessions_needed !== null && ` · ${t("ab.power", { n: count(panel.sessions_needed) })}`}
      </p>
    </>
  );
}

function Status({ test }: { test: Test }) {
  const { t } = useWords();
  const query = useApi("/api/ab_test/{test_id}/status", { test_id: test.id }, { every_ms: POLL_SLOW_MS });
  return (
    <Loaded query={query} height={120}>
      {({ panel }) => {
        const { days, needed, share } = progressOf(panel?.n_days ?? 0, test.minimum_sessions);
        return (
          <>
            <p>
              <Bar share={share} label={t("ab.sample")} />{" "}
              {t("ab.needed", { days: count(days), needed: count(needed), all: test.minimum_sessions })}
            </p>
            {panel ? <Measured test={test} panel={panel} /> : <p class="quiet">{t("ab.wait")}</p>}
          </>
        );
      }}
    </Loaded>
  );
}

/** One test: its two versions, what was fixed before it began, and its progress. */
function TestLine({ test }: { test: Test }) {
  const { t, v } = useWords();
  return (
    <li data-test={test.id}>
      <strong>{test.name}</strong> <span class="chip">{v("ab", test.state)}</span>
      <span class="quiet block">
        A: {v("model", test.model_a)} {test.version_a} · B: {v("model", test.model_b)} {test.version_b}
      </span>
      <span class="quiet block">
        {v("ab", test.metric)} · {t("horizon.days", { n: test.horizon })} · {t("ab.alpha", { alpha: test.alpha })} ·{" "}
        {t("run.created")} <Moment at={test.created_at} />
        {test.decided_at && (
          <>
            {" "}
            · {t("ab.decided")} <Moment at={test.decided_at} />
          </>
        )}
      </span>
      {test.state !== "draft" && <Status test={test} />}
    </li>
  );
}

export function AbTestCard() {
  const { t } = useWords();
  const list = usePages("/api/ab_test", { limit: 10 }, { every_ms: POLL_SLOW_MS });
  return (
    <Card
      title={t("ab.title")}
      note={t("ab.note")}
      actions={<a href={hrefOf("settings", "ab-test")}>{t("ab.manage")}</a>}
    >
      <Loaded query={list} height={60} isEmpty={(tests) => tests.length === 0} empty={t("ab.empty")}>
        {(tests) => (
          <ul class="list">
            {tests.map((test) => (
              <TestLine key={test.id} test={test} />
            ))}
          </ul>
        )}
      </Loaded>
      <Older list={list} />
    </Card>
  );
}
