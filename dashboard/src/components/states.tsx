// States of a widget: loading (with the height of its data), error, empty, and stale data that stays on display.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import { ProblemError, UnreachableError } from "../api/client";
import { clockTime } from "../format";
import { useWords } from "../i18n/use-words";

const TEXT_AFTER_MS = 3_000;

/** A placeholder of the given height (px); says that it loads only when that takes long. */
export function Skeleton({ height }: { height: number }) {
  const { t } = useWords();
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), TEXT_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class="skeleton" style={{ minHeight: `${height}px` }} aria-busy="true">
      <span class={isLong ? "quiet" : "hidden"}>{t("state.loading")}</span>
    </div>
  );
}

export function Empty({ children, height }: { children: ComponentChildren; height?: number }) {
  return (
    <div class="empty" style={height ? { minHeight: `${height}px` } : {}}>
      {children}
    </div>
  );
}

/** What went wrong, with the request id and what to do. */
export function Failure({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  const { t, v } = useWords();
  const problem = error instanceof ProblemError ? error.problem : null;
  const slug = problem?.type.split("/").at(-1);
  const kind = error instanceof UnreachableError ? "unreachable" : "broken";
  const title = problem ? v("problem", slug) : t(`problem.${kind}`);
  return (
    <div class="failure" role="alert">
      <strong>{problem && title === slug ? problem.title : title}</strong>
      <p>{problem?.detail ?? t(`problem.${kind}.detail`)}</p>
      {problem?.request_id && (
        <p class="quiet">
          {t("problem.request")}: <code>{problem.request_id}</code>
        </p>
      )}
      {problem?.status === 401 && (
        <p>
          <a href="#/settings">{t("action.signIn")}</a>
        </p>
      )}
      {onRetry && (
        <button type="button" onClick={onRetry}>
          {t("action.again")}
        </button>
      )}
    </div>
  );
}

/** What a widget needs of a query or of a list page by page. */
interface Query<Data> {
  data: Data | undefined;
  error: Error | null;
  dataUpdatedAt: number;
  refetch: () => Promise<unknown>;
}

function StaleNote({ query }: { query: Query<unknown> }) {
  const { t, language } = useWords();
  const since = clockTime(new Date(query.dataUpdatedAt).toISOString(), language);
  return (
    <p class="stale" role="status">
      {t("state.stale", { since })}{" "}
      <button type="button" onClick={() => void query.refetch()}>
        {t("action.again")}
      </button>
    </p>
  );
}

interface LoadedProps<Data> {
  query: Query<Data>;
  height: number;
  isEmpty?: (data: Data) => boolean;
  empty?: ComponentChildren;
  /** Shown while loading, where a plain block would differ in height from the data. */
  skeleton?: ComponentChildren;
  children: (data: Data) => ComponentChildren;
}

/** Data of a query if there is any, however old; else its skeleton or its error. */
export function Loaded<Data>({ query, height, isEmpty, empty, skeleton, children }: LoadedProps<Data>) {
  const { t } = useWords();
  if (query.data === undefined) {
    if (query.error) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
    return <>{skeleton ?? <Skeleton height={height} />}</>;
  }
  return (
    <>
      {query.error && <StaleNote query={query} />}
      {isEmpty?.(query.data) ? <Empty height={height}>{empty ?? t("state.empty")}</Empty> : children(query.data)}
    </>
  );
}
