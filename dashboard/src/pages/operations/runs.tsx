import type { Schemas } from "../../api/client";
import { POLL_FAST_MS, usePages } from "../../api/queries";
import { RunBars } from "./run-bars";
import { ResultLink } from "../../components/actions";
import { Select, type Choice } from "../../components/select";
import { Card } from "../../components/card";
import { Older, UnknownFilter } from "../../components/lists";
import { Table } from "../../components/table";
import { Ago, Bar } from "../../components/values";
import { Loaded } from "../../components/states";
import { clockTime, duration } from "../../format";
import { useRareWords, useWords, type Words } from "../../i18n/use-words";
import { RUN_KINDS } from "../../i18n/ko-en-jobs";
import { hrefOf, unknownFilters, useFilter, type Filter } from "../../route";
import { PARTS } from "./view";
import { isOpen, isWaiting, messageOf, toneOf } from "../../views/runs";

type Run = Schemas["RunItem"];
const LIMIT = 30;
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

function cellsOf(run: Run, filter: Filter, words: Words) {
  const { t, v, language } = words;
  return [
    <a href={hrefOf("operations", run.id, filter)}>{v("job", run.kind)}</a>,
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

/** Runs of a filter, all loaded pages kept current. */
function Runs({ filter }: { filter: Filter }) {
  const words = useWords();
  const { t } = words;
  const asked = { limit: LIMIT, state: filter["state"], kind: filter["job"] };
  const list = usePages("/api/runs", asked, { every_ms: POLL_FAST_MS });
  useRareWords((list.data ?? []).some((run) => run.error));
  const head = [t("job.name"), t("news.state"), t("run.origin"), t("run.created"), t("run.took"), t("run.message")];
  return (
    <>
      <Loaded query={list} height={900} isEmpty={(runs) => runs.length === 0} empty={t("run.empty")}>
        {(runs) => (
          <>
            <RunBars newestFirst={runs.slice(0, LIMIT)} />
            <Table
              label={t("operations.runs")}
              head={head}
              rows={runs.map((run) => ({ key: run.id, cells: cellsOf(run, filter, words) }))}
            />
          </>
        )}
      </Loaded>
      <Older list={list} />
    </>
  );
}

export function RunsCard() {
  const { t, v } = useWords();
  const [filter, change] = useFilter();
  const unknown = unknownFilters(filter, { job: RUN_KINDS, state: STATES, show: PARTS });
  const choice = (name: string, label: string, group: string, values: readonly string[]) => (
    <Select
      label={label}
      value={filter[name] ?? ""}
      options={[["", t("filter.all")], ...values.map((value): Choice => [value, v(group, value)])]}
      onChange={(value) => change({ [name]: value })}
    />
  );
  const actions = (
    <>
      {choice("job", t("job.name"), "job", RUN_KINDS)}
      {choice("state", t("news.state"), "run", STATES)}
    </>
  );
  return (
    <Card title={t("operations.runs")} actions={actions}>
      {unknown ? (
        <UnknownFilter href={hrefOf("operations", null, { show: "runs" })} filters={unknown} />
      ) : (
        <Runs key={hrefOf("operations", null, filter)} filter={filter} />
      )}
    </Card>
  );
}
