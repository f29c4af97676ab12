import { useState } from "preact/hooks";

import type { Schemas } from "../api/client";
import { OFTEN_MS, useApi } from "../api/queries";
import { RunBars } from "../charts/run-bars";
import { Select, type Choice } from "../components/forms";
import { Ago, Bar, Card, Moment, Table } from "../components/parts";
import { Loaded } from "../components/states";
import { clockTime, duration } from "../format";
import { useWords, type Words } from "../i18n/use-words";
import { hrefOf } from "../route";
import { errorSentence, isOpen, isWaiting, toneOf } from "../views/runs";

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
const WATCH_MS = 1_500;

function Log({ id, isLive }: { id: string; isLive: boolean }) {
  const { t, language } = useWords();
  const query = useApi("/api/runs/{run_id}/events", { run_id: id }, isLive ? { every_ms: WATCH_MS } : {});
  return (
    <Loaded query={query} height={140} isEmpty={(events) => events.items.length === 0} empty={t("run.noLog")}>
      {(events) => (
        <ol class="log" tabIndex={0} aria-label={t("run.log")}>
          {events.items.map((event) => (
            <li class={event.level}>
              <span class="number quiet">{clockTime(event.ts, language)}</span> {event.message}
              {event.data ? <span class="quiet"> {JSON.stringify(event.data)}</span> : null}
            </li>
          ))}
        </ol>
      )}
    </Loaded>
  );
}

function Facts({ run }: { run: Run }) {
  const { t, v, language } = useWords();
  const facts: [string, preact.ComponentChildren][] = [
    [t("news.state"), <span class={toneOf(run.state)}>{v("run", run.state)}</span>],
    [t("run.origin"), `${v("origin", run.origin)}${run.requested_by ? ` (${run.requested_by})` : ""}`],
    [t("run.created"), <Moment at={run.created_at} />],
    [t("run.took"), duration(run.started_at, run.finished_at)],
    [t("run.attempt"), `${run.attempt} / ${run.max_attempts}`],
    [t("run.heartbeat"), clockTime(run.heartbeat_at, language)],
    [t("problem.request"), run.request_id ? <code>{run.request_id}</code> : "–"],
    [t("run.counts"), run.counts ? <code>{JSON.stringify(run.counts)}</code> : "–"],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </>
      ))}
    </dl>
  );
}

/** One run: progress, facts, error and the tail of its log. */
export function RunCard({ id }: { id: string }) {
  const { t, language } = useWords();
  const [isLive, setLive] = useState(true);
  const query = useApi("/api/runs/{run_id}", { run_id: id }, isLive ? { every_ms: WATCH_MS } : {});
  const run = query.data;
  if (run && isOpen(run.state) !== isLive) setLive(isOpen(run.state));
  return (
    <Card
      title={`${t("run.title")}: ${run?.kind ?? ""}`}
      actions={<a href={hrefOf("operations")}>{t("action.close")}</a>}
    >
      <Loaded query={query} height={320}>
        {(run) => (
          <>
            {isOpen(run.state) && (
              <p data-run={run.state} role="status">
                <Bar share={run.progress} label={t("run.progress")} />{" "}
                {isWaiting(run) ? t("run.waiting", { until: clockTime(run.expires_at, language) }) : run.message}
              </p>
            )}
            {run.error && <p class="failure">{errorSentence(run.error)}</p>}
            <Facts run={run} />
            <h3>{t("run.log")}</h3>
            <Log id={id} isLive={isLive} />
          </>
        )}
      </Loaded>
    </Card>
  );
}

function cellsOf(run: Run, { t, v, language }: Words) {
  return [
    <a href={hrefOf("operations", run.id)}>{v("job", run.kind)}</a>,
    <span class={toneOf(run.state)} data-state={run.state}>
      {v("run", run.state)} {isOpen(run.state) && <Bar share={run.progress} label={t("run.progress")} />}
    </span>,
    v("origin", run.origin),
    <Ago at={run.created_at} />,
    duration(run.started_at, run.finished_at),
    <span class="wrap">
      {isWaiting(run)
        ? t("run.waiting", { until: clockTime(run.expires_at, language) })
        : errorSentence(run.error) || run.message}
    </span>,
  ];
}

export function RunsCard() {
  const words = useWords();
  const { t, v } = words;
  const [state, setState] = useState("");
  const [kind, setKind] = useState("");
  const jobs = useApi("/api/jobs");
  const query = useApi("/api/runs", { limit: 30, state, kind }, { every_ms: OFTEN_MS, keep: true });
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
