import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import type { Schemas } from "../../api/client";
import { useApi } from "../../api/queries";
import { useRunLog } from "../../api/run-log";
import { ResultLink, WriteButton, RunButton } from "../../components/actions";
import { Card } from "../../components/card";
import { Bar, Moment } from "../../components/values";
import { Loaded, Skeleton } from "../../components/states";
import { clockTime, duration } from "../../format";
import { useRareWords, useWords } from "../../i18n/use-words";
import { hrefOf, useFilter } from "../../route";
import { countsSentence, errorSentence, isOpen, isWaiting, messageOf, toneOf } from "../../views/runs";

type Run = Schemas["RunItem"];
const POLL_RUN_MS = 1_500;

function Log({ id, isLive }: { id: string; isLive: boolean }) {
  const { t, language } = useWords();
  const query = useRunLog(id, isLive ? POLL_RUN_MS : false);
  return (
    <Loaded query={query} height={140} isEmpty={(events) => events.length === 0} empty={t("run.noLog")}>
      {(events) => (
        <ol class="log" tabIndex={0} aria-label={t("run.log")}>
          {events.map((event) => (
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
  const words = useWords();
  const { t, v, language } = words;
  const facts: [string, ComponentChildren][] = [
    [t("news.state"), <span class={toneOf(run.state)}>{v("run", run.state)}</span>],
    [t("run.origin"), `${v("origin", run.origin)}${run.requested_by ? ` (${run.requested_by})` : ""}`],
    [t("run.created"), <Moment at={run.created_at} />],
    [t("run.took"), duration(run.started_at, run.finished_at)],
    [t("run.attempt"), `${run.attempt} / ${run.max_attempts}`],
    [t("run.arguments"), Object.keys(run.arguments).length ? <code>{JSON.stringify(run.arguments)}</code> : "–"],
    [t("run.retryOf"), run.retry_of ? <a href={hrefOf("operations", run.retry_of)}>{run.retry_of}</a> : "–"],
    [t("run.worker"), run.worker ?? "–"],
    [t("run.heartbeat"), clockTime(run.heartbeat_at, language)],
    [t("problem.request"), run.request_id ? <code>{run.request_id}</code> : "–"],
    [t("run.counts"), run.counts ? countsSentence(run.counts, words) : "–"],
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

const REPEATABLE = ["failed", "dead", "cancelled", "expired", "missed", "skipped"];

/** Cancels an open run, repeats one that did not succeed. */
function Actions({ run }: { run: Run }) {
  const { t } = useWords();
  if (isOpen(run.state) && run.cancel_requested_by) return <span class="busy">{t("run.cancelling")}</span>;
  if (isOpen(run.state)) return <WriteButton path={`/api/runs/${run.id}/cancel`}>{t("action.cancel")}</WriteButton>;
  if (REPEATABLE.includes(run.state))
    return <RunButton path={`/api/runs/${run.id}/retry`}>{t("action.retry")}</RunButton>;
  return null;
}

/** Whether the run `id` or its log has not come yet. */
export function useIsLoading(id: string | null): boolean {
  const run = useApi("/api/runs/{run_id}", { run_id: id ?? "" }, { enabled: id !== null });
  return useRunLog(id ?? "", false, id !== null).isLoading || run.isLoading;
}

/** One run: progress, error, attributes and log. */
export function RunCard({ id }: { id: string }) {
  const words = useWords();
  const { t, v, language } = words;
  const [filter] = useFilter();
  const [isLive, setLive] = useState(true);
  const query = useApi("/api/runs/{run_id}", { run_id: id }, isLive ? { every_ms: POLL_RUN_MS } : {});
  // Whole or not at all: what follows the card would move when its log came after it.
  const isLoading = useIsLoading(id);
  const run = query.data;
  useRareWords(Boolean(run?.error));
  if (run && isOpen(run.state) !== isLive) setLive(isOpen(run.state));
  return (
    <Card
      title={`${t("run.title")}: ${v("job", run?.kind)}`}
      actions={
        <>
          {run && <Actions run={run} />}
          <a href={hrefOf("operations", null, filter)}>{t("action.close")}</a>
        </>
      }
    >
      {isLoading ? (
        <Skeleton height={320} />
      ) : (
        <Loaded query={query} height={320}>
          {(run) => (
            <>
              {isOpen(run.state) && (
                <p data-run={run.state} role="status">
                  <Bar share={run.progress} label={t("run.progress")} />{" "}
                  {isWaiting(run) ? t("run.waiting", { until: clockTime(run.expires_at, language) }) : run.message}
                </p>
              )}
              {run.error && <p class="failure">{errorSentence(language, run.error)}</p>}
              {!isOpen(run.state) && !run.error && (
                <p data-run={run.state}>
                  {messageOf(run, words)} <ResultLink run={run} />
                </p>
              )}
              <Facts run={run} />
              <h3>{t("run.log")}</h3>
              <Log id={id} isLive={isLive} />
            </>
          )}
        </Loaded>
      )}
    </Card>
  );
}
