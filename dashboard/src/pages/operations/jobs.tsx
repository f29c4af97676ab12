import type { Schemas } from "../../api/client";
import { POLL_FAST_MS, useApi } from "../../api/queries";
import { WriteButton, RunButton } from "../../components/actions";
import { useHealth } from "../../components/frame/banner";
import { Card } from "../../components/card";
import { Table } from "../../components/table";
import { Ago, Bar, Moment } from "../../components/values";
import { Loaded } from "../../components/states";
import { useRareWords, useWords, type Words } from "../../i18n/use-words";
import { hrefOf } from "../../route";
import { byTrouble, scheduleWords, toneOfJob } from "./view";
import { errorSentence, isOpen, messageOf, toneOf } from "../../views/runs";

type Job = Schemas["JobItem"];

function LastRun({ job }: { job: Job }) {
  const words = useWords();
  const { t, v, language } = words;
  useRareWords(Boolean(job.error));
  if (!job.run_id) return <span class="quiet">{t("call.none")}</span>;
  return (
    <>
      <a href={hrefOf("operations", job.run_id)} class={toneOf(job.run_state)}>
        {v("run", job.run_state)}
      </a>{" "}
      <Ago at={job.finished_at ?? job.started_at} />
      {isOpen(job.run_state ?? "") && <Bar share={job.progress ?? 0} label={t("run.progress")} />}
      {job.error && <span class="bad block wrap">{errorSentence(language, job.error)}</span>}
      {job.reason && (
        <span class="quiet block wrap">{messageOf({ ...job, state: job.run_state ?? "skipped" }, words)}</span>
      )}
    </>
  );
}

function PauseOrResume({ job }: { job: Job }) {
  const { t, v } = useWords();
  const words = t(job.paused_at ? "action.resume" : "action.pause");
  return (
    <WriteButton
      method="PATCH"
      path={`/api/jobs/${job.id}`}
      body={{ paused: !job.paused_at }}
      label={`${words}: ${v("job", job.id)}`}
    >
      {words}
    </WriteButton>
  );
}

function cellsOf(job: Job, { t, v, language }: Words) {
  return [
    <>
      {v("job", job.id)} <span class="quiet block">{job.id}</span>
    </>,
    <>
      {scheduleWords(job, language)}
      {job.interval_minutes === null && (
        <span class="block">
          <code>{job.custom_cron ?? job.cron}</code>
        </span>
      )}
      {job.changed_at && <span class="quiet block">{t("job.changed", { by: job.changed_by ?? "–" })}</span>}
    </>,
    <LastRun job={job} />,
    job.paused_at ? (
      <>
        <span class="busy paused">{t("job.paused")}</span> <span class="quiet block">{job.paused_by}</span>
      </>
    ) : (
      <Moment at={job.next_run_at} />
    ),
    <span class="buttons">
      <RunButton path={`/api/jobs/${job.id}/runs`} label={`${t("action.run")}: ${v("job", job.id)}`}>
        {t("action.run")}
      </RunButton>
      <PauseOrResume job={job} />
    </span>,
  ];
}

export function JobsCard() {
  const words = useWords();
  const { t } = words;
  const isDemo = useHealth().data?.demo ?? false;
  const query = useApi("/api/jobs", {}, { every_ms: POLL_FAST_MS });
  const head = [t("job.name"), t("job.schedule"), t("job.last"), t("job.next"), t("job.actions")];
  return (
    <Card
      title={t("operations.jobs")}
      note={isDemo ? `${t("operations.jobs.note")} ${t("operations.jobs.demo")}` : t("operations.jobs.note")}
    >
      <Loaded query={query} height={760} isEmpty={(found) => found.items.length === 0} empty={t("job.empty")}>
        {(found) => (
          <Table
            label={t("operations.jobs")}
            head={head}
            rows={byTrouble(found.items, toneOfJob).map((job) => ({ key: job.id, cells: cellsOf(job, words) }))}
          />
        )}
      </Loaded>
    </Card>
  );
}
