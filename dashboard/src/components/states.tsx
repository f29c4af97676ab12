// States of a widget: loading (with the height of its data), error, empty, and stale data that stays on display.

import { useQueryClient } from "@tanstack/react-query";
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import { ProblemError, UnreachableError } from "../api/client";
import { clockTime } from "../format";
import { useRareWords, useWords } from "../i18n/use-words";
import { hrefOf } from "../route";
import { serverTime_ms } from "../server-clock";
import { rememberPlace } from "../sign-in-return";
import { adviceOf, refusalsOf, slugOf, titleOf, troubleOf } from "../views/refusals";

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

/** Whether the browser has a network; false is certain, true may be a network without azak. */
export function useOnline(): boolean {
  const [isOnline, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const update = () => setOnline(navigator.onLine);
    addEventListener("online", update);
    addEventListener("offline", update);
    return () => {
      removeEventListener("online", update);
      removeEventListener("offline", update);
    };
  }, []);
  return isOnline;
}

export const SIGN_IN_FIELD = "sign-in-key";

/** For links to the sign-in: it leads back here, and on its own page its field is focused. */
export function goToSignIn(): void {
  rememberPlace();
  document.getElementById(SIGN_IN_FIELD)?.focus();
}

/** The way to sign in and back here. Rendered after a 401, so the session that the page knows of has ended. */
function SignInLink() {
  const { t } = useWords();
  const client = useQueryClient();
  useEffect(() => void client.invalidateQueries({ queryKey: ["/api/session"] }), [client]);
  return (
    <p>
      <a href={hrefOf("settings")} onClick={goToSignIn}>
        {t("action.signIn")}
      </a>
    </p>
  );
}

// Classes of problems whose general advice is not enough: without a known kind the API's own sentence is added.
const VAGUE = ["conflict", "http-error", "invalid-input"];

/** A problem of the API in the reader's language. `lines` replace the refusals of its fields, which a form names itself. */
function ProblemText({ error: { problem, retryAfter_s }, lines }: { error: ProblemError; lines?: string[] }) {
  const { t, language } = useWords();
  useRareWords(troubleOf(language, slugOf(problem)) === null || (problem.errors ?? []).length > 0);
  const refused = lines ?? refusalsOf(language, problem).map(({ words }) => words);
  const isVague = refused.length === 0 && VAGUE.includes(slugOf(problem)) && !lines;
  return (
    <>
      <strong>{titleOf(language, problem)}</strong>
      {refused.length === 0 && <p>{adviceOf(language, problem, retryAfter_s)}</p>}
      {refused.map((words) => (
        <p>{words}</p>
      ))}
      {isVague && (
        <p class="quiet" lang="en">
          {problem.detail}
        </p>
      )}
      {problem.request_id && problem.status >= 500 && (
        <p class="quiet">
          {t("problem.request")}: <code>{problem.request_id}</code>
        </p>
      )}
      {problem.status === 401 && <SignInLink />}
    </>
  );
}

interface FailureProps {
  error: Error;
  onRetry?: () => void;
  /** Said in place of what the problem refuses, by a form that says a part beside its fields. */
  lines?: string[];
}

/** What went wrong and what to do. */
export function Failure({ error, onRetry, lines }: FailureProps) {
  const { t } = useWords();
  const isOnline = useOnline();
  const kind = !(error instanceof UnreachableError) ? "broken" : isOnline ? "unreachable" : "offline";
  return (
    <div class="failure" role="alert">
      {error instanceof ProblemError ? (
        <ProblemText error={error} lines={lines} />
      ) : (
        <>
          <strong>{t(`problem.${kind}`)}</strong>
          <p>{t(`problem.${kind}.detail`)}</p>
        </>
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
  const since = clockTime(new Date(serverTime_ms(query.dataUpdatedAt)).toISOString(), language);
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
