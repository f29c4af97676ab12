// A click that starts work: the order is sent once, and its run is shown to its end.

import { useQueryClient } from "@tanstack/react-query";
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import { newKey, write, type Schemas, type Verb } from "../api/client";
import { useApi } from "../api/queries";
import { clockTime } from "../format";
import { useWords } from "../i18n/use-words";
import { hrefOf } from "../route";
import { isOpen, isWaiting } from "../views/runs";
import { Bar } from "./parts";
import { Failure } from "./states";

type Run = Schemas["RunItem"];
const WATCH_MS = 1_000;

/** A run from its order to its end, in one line. */
export function RunLine({ id, first }: { id: string; first?: Run }) {
  const { t, v, language } = useWords();
  const client = useQueryClient();
  const [hasEnded, setEnded] = useState(false);
  const query = useApi("/api/runs/{run_id}", { run_id: id }, hasEnded ? {} : { every_ms: WATCH_MS });
  const run = query.data ?? first;
  const isDone = run !== undefined && !isOpen(run.state);
  useEffect(() => {
    if (!isDone) return;
    setEnded(true);
    void client.invalidateQueries();
  }, [isDone, client]);
  if (!run) return null;
  return (
    <p class="run-line" role="status" data-run={run.state}>
      <a href={hrefOf("operations", run.id)}>{run.kind}</a> · <strong>{v("run", run.state)}</strong>{" "}
      {isWaiting(run) ? t("run.waiting", { until: clockTime(run.expires_at, language) }) : run.message}
      {isOpen(run.state) && <Bar share={run.progress} label={t("run.progress")} />}
    </p>
  );
}

interface OrderProps {
  path: string;
  body?: unknown;
  children: ComponentChildren;
  label?: string;
  disabled?: boolean;
}

/** A button that posts an order for work and shows its run. */
export function Order({ path, body, children, label, disabled }: OrderProps) {
  const [run, setRun] = useState<Run | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [isBusy, setBusy] = useState(false);
  const order = async () => {
    setBusy(true);
    setError(null);
    try {
      setRun(await write<Run>("POST", path, body ?? {}, newKey()));
    } catch (failure) {
      setError(failure as Error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="order">
      <button type="button" aria-label={label} disabled={disabled || isBusy} onClick={() => void order()}>
        {children}
      </button>
      {error && <Failure error={error} />}
      {run && <RunLine key={run.id} id={run.id} first={run} />}
    </div>
  );
}

interface ActProps {
  verb?: Verb;
  path: string;
  body?: unknown;
  children: ComponentChildren;
  label?: string;
}

/** A button for a small write that is done when it is answered. */
export function Act({ verb = "POST", path, body, children, label }: ActProps) {
  const client = useQueryClient();
  const [error, setError] = useState<Error | null>(null);
  const [isBusy, setBusy] = useState(false);
  const act = async () => {
    setBusy(true);
    setError(null);
    try {
      await write(verb, path, body);
      await client.invalidateQueries();
    } catch (failure) {
      setError(failure as Error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <button type="button" aria-label={label} disabled={isBusy} onClick={() => void act()}>
        {children}
      </button>
      {error && <Failure error={error} />}
    </>
  );
}
