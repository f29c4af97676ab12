// Live updates in a browser: Web Locks, a BroadcastChannel and EventSource for live.ts, and the queries an event makes stale.

import { useQueryClient, type QueryClient, type QueryKey } from "@tanstack/react-query";
import { useEffect } from "preact/hooks";

import { addressOf } from "../base";
import { subscribe, type Hint, type Stream, type Platform } from "./live";

const NAME = "azak.events";
const EVENTS = ["hello", "run", "reset", "bye"];

function openStream(): Stream {
  return {
    read: (onEvent, signal) =>
      new Promise((resolve) => {
        const source = new EventSource(addressOf("/api/events"));
        const end = () => {
          source.close();
          resolve();
        };
        signal.addEventListener("abort", end, { once: true });
        for (const type of EVENTS)
          source.addEventListener(type, (event) => onEvent({ type, data: event.data as string }));
        // While it reconnects by itself (with Last-Event-ID) the source is CONNECTING; CLOSED is a refusal such as 503.
        source.onerror = () => source.readyState === EventSource.CLOSED && end();
      }),
  };
}

/** Runs `work` while this tab is visible and holds the lock; a hidden tab releases it, so a hidden browser has no stream. */
function runAsLeader(work: (ended: AbortSignal) => Promise<void>, signal: AbortSignal): void {
  let controller = new AbortController();
  const requestLock = () => {
    controller.abort();
    controller = new AbortController();
    if (signal.aborted || document.hidden) return;
    const { signal: ended } = controller;
    navigator.locks
      .request(NAME, { signal: ended }, () => work(ended))
      .catch((error: unknown) => {
        if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
      });
  };
  document.addEventListener("visibilitychange", requestLock);
  signal.addEventListener("abort", () => {
    document.removeEventListener("visibilitychange", requestLock);
    controller.abort();
  });
  requestLock();
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}

function browserPlatform(): Platform | null {
  if (!("locks" in navigator) || typeof BroadcastChannel === "undefined" || typeof EventSource === "undefined")
    return null;
  return { runAsLeader, channel: new BroadcastChannel(NAME) as Platform["channel"], open: openStream, wait };
}

const BATCH_MS = 250;
const FINAL_STATES = ["succeeded", "failed", "dead", "cancelled"];

/** Keys of the queries that a hint makes stale; they are fetched again over REST. */
export function staleQueries(hint: Hint): QueryKey[] {
  if (hint.type === "reset") return [[]];
  const { id, state } = hint.run;
  const keys: QueryKey[] = [
    ["/api/runs/{run_id}", { run_id: id }],
    ["/api/runs/{run_id}/events", { run_id: id }],
    ["/api/runs"],
    ["/api/jobs"],
  ];
  return FINAL_STATES.includes(state) ? [...keys, ["/api/dashboard"]] : keys;
}

/** Invalidates the queries of all hints within BATCH_MS at once: a fill sends dozens of events a second. */
function batchInvalidations(client: QueryClient): (hint: Hint) => void {
  const stale = new Map<string, QueryKey>();
  return (hint) => {
    if (stale.size === 0) {
      setTimeout(() => {
        const keys = [...stale.values()];
        stale.clear();
        for (const queryKey of keys) void client.invalidateQueries({ queryKey });
      }, BATCH_MS);
    }
    for (const key of staleQueries(hint)) stale.set(JSON.stringify(key), key);
  };
}

export function useLiveUpdates(): void {
  const client = useQueryClient();
  useEffect(() => {
    const platform = browserPlatform();
    return platform ? subscribe(platform, batchInvalidations(client)) : undefined;
  }, [client]);
}
