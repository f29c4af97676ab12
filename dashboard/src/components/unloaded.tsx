// A part of the page whose file could not be loaded: azak was updated (reloaded once by itself), or nothing answers.

import type { ComponentType } from "preact";
import { lazy } from "preact/compat";
import { useEffect, useState } from "preact/hooks";

import { fetchBuild, runningBuild } from "../api/build";
import { UnreachableError } from "../api/client";
import { POLL_FAST_MS } from "../api/queries";
import { hasDraft } from "../drafts";
import { useWords } from "../i18n/use-words";
import { remedyOf, type Remedy } from "../views/build";
import { Failure, Skeleton } from "./states";

export class UnloadedError extends Error {}

/** A component whose file is loaded when it is first drawn; its failure is an UnloadedError. */
export function lazyPart<Props>(load: () => Promise<ComponentType<Props>>) {
  return lazy(() =>
    load().then(
      (component) => ({ default: component }),
      (error: unknown) => {
        throw new UnloadedError(String(error));
      },
    ),
  );
}

const MARK = "azak.reloadedFor";

/** Build for which this tab has reloaded itself; `served` where that cannot be stored, so that it never does. */
function reloadedFor(served: string | null): string | null {
  try {
    return sessionStorage.getItem(MARK);
  } catch {
    return served;
  }
}

function reloadOnce(served: string | null): void {
  if (served !== null) sessionStorage.setItem(MARK, served);
  location.reload();
}

/** What helps, asked again while nothing answers; a reload is done at once. */
function useRemedy(): Remedy | null {
  const [remedy, setRemedy] = useState<Remedy | null>(null);
  useEffect(() => {
    let wasUnreachable = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const abort = new AbortController();
    const look = async () => {
      clearTimeout(timer);
      const served = await fetchBuild(abort.signal).catch(() => null);
      if (abort.signal.aborted) return;
      wasUnreachable ||= served === null;
      const found = { served, running: runningBuild(), wasUnreachable };
      const next = remedyOf({ ...found, reloadedFor: reloadedFor(served), hasDraft: hasDraft() });
      if (next === "reload") reloadOnce(served);
      else setRemedy(next);
      if (next === "wait") timer = setTimeout(() => void look(), POLL_FAST_MS);
    };
    const lookNow = () => void look();
    lookNow();
    addEventListener("online", lookNow);
    return () => {
      abort.abort();
      clearTimeout(timer);
      removeEventListener("online", lookNow);
    };
  }, []);
  return remedy;
}

/** A button that loads the page anew, and what that would lose. */
export function Reload() {
  const { t } = useWords();
  return (
    <>
      {t(hasDraft() ? "build.draft" : "build.remedy")}{" "}
      <button type="button" onClick={() => location.reload()}>
        {t("action.reload")}
      </button>
    </>
  );
}

export function Unloaded() {
  const { t } = useWords();
  const remedy = useRemedy();
  if (remedy === null || remedy === "reload") return <Skeleton height={120} />;
  if (remedy === "wait") return <Failure error={new UnreachableError()} />;
  return (
    <div class="failure" role="alert">
      <strong>{t(remedy === "ask" ? "build.new" : "problem.unloaded")}</strong>
      <p>{remedy === "ask" ? <Reload /> : t("problem.unloaded.detail")}</p>
      {remedy === "broken" && (
        <button type="button" onClick={() => location.reload()}>
          {t("action.reload")}
        </button>
      )}
    </div>
  );
}
