// Buttons that write: one that starts a run and follows it, one for a write that is done when answered.

import { useQueryClient } from "@tanstack/react-query";
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import { newIdempotencyKey, write, type Schemas, type WriteMethod } from "../api/client";
import { useApi } from "../api/queries";
import { clockTime } from "../format";
import { useRareWords, useWords } from "../i18n/use-words";
import { hrefOf } from "../route";
import { isOpen, isWaiting, messageOf, resultOf } from "../views/runs";
import { Bar } from "./values";
import { Failure } from "./states";

type Run = Schemas["RunItem"];
const POLL_RUN_MS = 1_000;

/** From a run to the report that it wrote, or to the stock that it worked on. */
export function ResultLink({ run }: { run: Run }) {
  const { t } = useWords();
  const result = resultOf(run);
  if (!result) return null;
  return <a href={hrefOf(result.page, result.id)}>{t(result.isReport ? "run.toReport" : "run.toStock")}</a>;
}

/** State of one run in a line, polled until the run has ended. */
export function RunStatus({ id, first }: { id: string; first?: Run }) {
  const words = useWords();
  const { t, v, language } = words;
  const client = useQueryClient();
  const [hasEnded, setEnded] = useState(false);
  const query = useApi("/api/runs/{run_id}", { run_id: id }, hasEnded ? {} : { every_ms: POLL_RUN_MS });
  const run = query.data ?? first;
  useRareWords(Boolean(run?.error));
  const isDone = run !== undefined && !isOpen(run.state);
  useEffect(() => {
    if (!isDone) return;
    setEnded(true);
    void client.invalidateQueries();
  }, [isDone, client]);
  if (!run) return null;
  return (
    <p class="run-line" role="status" data-run={run.state}>
      <a href={hrefOf("operations", run.id)}>{v("job", run.kind)}</a> · <strong>{v("run", run.state)}</strong>{" "}
      {isWaiting(run) ? t("run.waiting", { until: clockTime(run.expires_at, language) }) : messageOf(run, words)}{" "}
      <ResultLink run={run} />
      {isOpen(run.state) && <Bar share={run.progress} label={t("run.progress")} />}
    </p>
  );
}

interface RunButtonProps {
  path: string;
  body?: unknown;
  children: ComponentChildren;
  label?: string;
  disabled?: boolean;
}

/** A button whose POST starts a run, which is shown beneath it. */
export function RunButton({ path, body, children, label, disabled }: RunButtonProps) {
  const [run, setRun] = useState<Run | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [isBusy, setBusy] = useState(false);
  const start = async () => {
    setBusy(true);
    setError(null);
    try {
      setRun(await write<Run>("POST", path, body ?? {}, newIdempotencyKey()));
    } catch (failure) {
      setError(failure as Error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="run-button">
      <button type="button" aria-label={label} disabled={disabled || isBusy} onClick={() => void start()}>
        {children}
      </button>
      {error && <Failure error={error} />}
      {run && <RunStatus key={run.id} id={run.id} first={run} />}
    </div>
  );
}

interface WriteButtonProps {
  method?: WriteMethod;
  path: string;
  body?: unknown;
  children: ComponentChildren;
  label?: string;
}

/** A button for a write that is complete when it is answered. */
export function WriteButton({ method = "POST", path, body, children, label }: WriteButtonProps) {
  const client = useQueryClient();
  const [error, setError] = useState<Error | null>(null);
  const [isBusy, setBusy] = useState(false);
  const send = async () => {
    setBusy(true);
    setError(null);
    try {
      await write(method, path, body);
      await client.invalidateQueries();
    } catch (failure) {
      setError(failure as Error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <button type="button" aria-label={label} disabled={isBusy} onClick={() => void send()}>
        {children}
      </button>
      {error && <Failure error={error} />}
    </>
  );
}
