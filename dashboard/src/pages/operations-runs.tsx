import { useState } from "preact/hooks";

import type { Schemas } from "../api/client";
import { OFTEN_MS, useApi } from "../api/queries";
import { Ago, Bar, Card, Moment, Table } from "../components/parts";
import { Loaded } from "../components/states";
import { clockTime, duration } from "../format";
import { useWords } from "../i18n/use-words";
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

/** The newest runs as bars: height is duration against the longest, colour and title the state. */
function Bars({ runs }: { runs: Run[] }) {
  const { t, v } = useWords();
  const took = (run: Run) =>
    run.started_at && run.finished_at ? Date.parse(run.finished_at) - Date.parse(run.started_at) : 0;
  const longest = Math.max(1, ...runs.map(took));
  return (
    <svg
      class="run-bars"
      viewBox={`0 0 ${runs.length * 12} 48`}
      width={runs.length * 12}
      height={48}
      role="img"
      aria-label={t("run.bars")}
    >
      {[...runs].reverse().map((run, index) => {
        const height = Math.max(4, (took(run) / longest) * 44);
        return (
          <rect class={`bar-${toneOf(run.state)}`} x={index * 12 + 1} y={48 - height} width={9} height={height} rx={2}>
            <title>{`${run.kind} ${v("run", run.state)} ${duration(run.started_at, run.finished_at)}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}

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
      wide
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

function Line({ run }: { run: Run }) {
  const { t, v, language } = useWords();
  return (
    <tr data-state={run.state}>
      <th scope="row">
        <a href={hrefOf("operations", run.id)}>{v("job", run.kind)}</a>
      </th>
      <td class={toneOf(run.state)}>
        {v("run", run.state)} {isOpen(run.state) && <Bar share={run.progress} label={t("run.progress")} />}
      </td>
      <td>{v("origin", run.origin)}</td>
      <td>
        <Ago at={run.created_at} />
      </td>
      <td class="number">{duration(run.started_at, run.finished_at)}</td>
      <td class="wrap">
        {isWaiting(run)
          ? t("run.waiting", { until: clockTime(run.expires_at, language) })
          : errorSentence(run.error) || run.message}
      </td>
    </tr>
  );
}

export function RunsCard() {
  const { t, v } = useWords();
  const [state, setState] = useState("");
  const [kind, setKind] = useState("");
  const jobs = useApi("/api/jobs");
  const query = useApi("/api/runs", { limit: 30, state, kind }, { every_ms: OFTEN_MS, keep: true });
  const actions = (
    <>
      <label>
        {t("job.name")}{" "}
        <select value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
          <option value="">{t("filter.all")}</option>
          {(jobs.data?.items ?? []).map((job) => (
            <option value={job.id}>{v("job", job.id)}</option>
          ))}
        </select>
      </label>
      <label>
        {t("news.state")}{" "}
        <select value={state} onChange={(event) => setState(event.currentTarget.value)}>
          <option value="">{t("filter.all")}</option>
          {STATES.map((name) => (
            <option value={name}>{v("run", name)}</option>
          ))}
        </select>
      </label>
    </>
  );
  return (
    <Card title={t("operations.runs")} actions={actions} wide>
      <Loaded query={query} height={900} isEmpty={(page) => page.items.length === 0} empty={t("run.empty")}>
        {(page) => (
          <>
            <div class="wide" tabIndex={0} role="group" aria-label={t("run.bars")}>
              <Bars runs={page.items} />
            </div>
            <Table
              label={t("operations.runs")}
              head={[
                t("job.name"),
                t("news.state"),
                t("run.origin"),
                t("run.created"),
                t("run.took"),
                t("run.message"),
              ]}
            >
              {page.items.map((run) => (
                <Line key={run.id} run={run} />
              ))}
            </Table>
          </>
        )}
      </Loaded>
    </Card>
  );
}
