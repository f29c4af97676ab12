import { useState } from "preact/hooks";

import type { Schemas } from "../../api/client";
import { POLL_FAST_MS, useApi } from "../../api/queries";
import { RunBars } from "./run-bars";
import { ResultLink } from "../../components/actions";
import { Select, type Choice } from "../../components/forms";
import { Card } from "../../components/card";
import { Table } from "../../components/table";
import { Ago, Bar } from "../../components/values";
import { Loaded } from "../../components/states";
import { clockTime, duration } from "../../format";
import { useWords, type Words } from "../../i18n/use-words";
import { hrefOf } from "../../route";
import { isOpen, isWaiting, messageOf, toneOf } from "../../views/runs";

type Run = Schemas["RunItem"];
const STATES = [
  "running",
  "queued",
  "retry",
  "succeeded",
  "failed",
  "dead",
  "cancelled",
  "skipped",
  "missed",
  "expired",
];

function cellsOf(run: Run, words: Words) {
  const { t, v, language } = words;
  return [
    <a href={hrefOf("operations", run.id)}>{v("job", run.kind)}</a>,
    <span class={toneOf(run.state)} data-state={run.state}>
      {v("run", run.state)} {isOpen(run.state) && <Bar share={run.progress} label={t("run.progress")} />}
    </span>,
    v("origin", run.origin),
    <Ago at={run.created_at} />,
    duration(run.started_at, run.finished_at),
    <span class="wrap">
      {isWaiting(run) ? t("run.waiting", { until: clockTime(run.expires_at, language) }) : messageOf(run, words)}{" "}
      <ResultLink run={run} />
    </span>,
  ];
}

export function RunsCard() {
  const words = useWords();
  const { t, v } = words;
  const [state, setState] = useState("");
  const [kind, setKind] = useState("");
  const jobs = useApi("/api/jobs");
  const query = useApi("/api/runs", { limit: 30, state, kind }, { every_ms: POLL_FAST_MS, keepPrevious: true });
  const kinds = (jobs.data?.items ?? []).map((job) => job.id);
  const head = [t("job.name"), t("news.state"), t("run.origin"), t("run.created"), t("run.took"), t("run.message")];
  const actions = (
    <>
      <Select
        label={t("job.name")}
        value={kind}
        options={[["", t("filter.all")], ...kinds.map((name): Choice => [name, v("job", name)])]}
        onChange={setKind}
      />
      <Select
        label={t("news.state")}
        value={state}
        options={[["", t("filter.all")], ...STATES.map((name): Choice => [name, v("run", name)])]}
        onChange={setState}
      />
    </>
  );
  return (
    <Card title={t("operations.runs")} actions={actions}>
      <Loaded query={query} height={900} isEmpty={(page) => page.items.length === 0} empty={t("run.empty")}>
        {(page) => (
          <>
            <RunBars newestFirst={page.items} />
            <Table
              label={t("operations.runs")}
              head={head}
              rows={page.items.map((run) => ({ key: run.id, cells: cellsOf(run, words) }))}
            />
          </>
        )}
      </Loaded>
    </Card>
  );
}
