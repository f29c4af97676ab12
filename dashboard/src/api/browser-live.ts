// What the browser gives to live.ts: Web Locks, a BroadcastChannel and EventSource.

import { useQueryClient, type QueryClient, type QueryKey } from "@tanstack/react-query";
import { useEffect } from "preact/hooks";

import { follow, type Hint, type Stream, type Surroundings } from "./live";

const NAME = "azak.events";
const EVENTS = ["hello", "run", "reset", "bye"];

function openStream(): Stream {
  return {
    read: (on, signal) =>
      new Promise((resolve) => {
        const source = new EventSource("/api/events");
        const end = () => {
          source.close();
          resolve();
        };
        signal.addEventListener("abort", end, { once: true });
        for (const type of EVENTS) source.addEventListener(type, (event) => on({ type, data: event.data as string }));
        // While it reconnects by itself (with Last-Event-ID) the source is CONNECTING; CLOSED is a refusal such as 503.
        source.onerror = () => source.readyState === EventSource.CLOSED && end();
      }),
  };
}

/** Held while the tab is visible: a hidden leader hands over, a hidden browser keeps no stream open. */
function lead(work: (ended: AbortSignal) => Promise<void>, signal: AbortSignal): void {
  let turn = new AbortController();
  const take = () => {
    turn.abort();
    turn = new AbortController();
    if (signal.aborted || document.hidden) return;
    const { signal: ended } = turn;
    navigator.locks
      .request(NAME, { signal: ended }, () => work(ended))
      .catch((error: unknown) => {
        if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
      });
  };
  document.addEventListener("visibilitychange", take);
  signal.addEventListener("abort", () => {
    document.removeEventListener("visibilitychange", take);
    turn.abort();
  });
  take();
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

function surroundings(): Surroundings | null {
  if (!("locks" in navigator) || typeof BroadcastChannel === "undefined" || typeof EventSource === "undefined")
    return null;
  return { lead, channel: new BroadcastChannel(NAME) as Surroundings["channel"], open: openStream, wait };
}

const GATHER_MS = 250;
const ENDED = ["succeeded", "failed", "dead", "cancelled"];

/** An event is a hint: what it makes old is asked for again over REST. */
export function oldBecauseOf(hint: Hint): QueryKey[] {
  if (hint.type === "reset") return [[]];
  const { id, state } = hint.run;
  const keys: QueryKey[] = [
    ["/api/runs/{run_id}", { run_id: id }],
    ["/api/runs/{run_id}/events", { run_id: id }],
    ["/api/runs"],
    ["/api/jobs"],
  ];
  return ENDED.includes(state) ? [...keys, ["/api/dashboard"]] : keys;
}

/** A burst of events (a fill has dozens a second) asks once. */
function gather(client: QueryClient): (hint: Hint) => void {
  const old = new Map<string, QueryKey>();
  return (hint) => {
    if (old.size === 0) {
      setTimeout(() => {
        const keys = [...old.values()];
        old.clear();
        for (const queryKey of keys) void client.invalidateQueries({ queryKey });
      }, GATHER_MS);
    }
    for (const key of oldBecauseOf(hint)) old.set(JSON.stringify(key), key);
  };
}

export function useLive(): void {
  const client = useQueryClient();
  useEffect(() => {
    const around = surroundings();
    return around ? follow(around, gather(client)) : undefined;
  }, [client]);
}
