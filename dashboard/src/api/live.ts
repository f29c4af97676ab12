// One stream of events for all tabs of this browser: the tab that holds the lock listens and tells the others.
// Browsers open six connections to a server at most, so a stream in each tab would hang the seventh.
// Without Web Locks (plain http on a LAN address) or without a stream every tab only polls, as it does anyway.

export interface RunEvent {
  id: string;
  kind: string;
  state: string;
  progress: number;
}

/** What an event makes stale: one run, or (after a gap in the stream) everything. */
export type Hint = { type: "run"; run: RunEvent } | { type: "reset" };

/** What the browser provides; tests put their own in its place. */
export interface Platform {
  /** Runs `work` in one tab at a time; when that tab closes or is hidden, in the next. */
  runAsLeader: (work: (ended: AbortSignal) => Promise<void>, signal: AbortSignal) => void;
  channel: {
    postMessage: (hint: Hint) => void;
    onmessage: ((event: { data: Hint }) => void) | null;
    close: () => void;
  };
  open: () => Stream;
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface Stream {
  /** Calls `onEvent` for each event until the stream is refused or `signal` aborts it. */
  read: (onEvent: (event: { type: string; data: string }) => void, signal: AbortSignal) => Promise<void>;
}

export const MIN_RETRY_MS = 1_000;
export const MAX_RETRY_MS = 60_000;

/** Listens to the event stream and calls `onHint` in every tab. Returns the function that ends it. */
export function subscribe(platform: Platform, onHint: (hint: Hint) => void): () => void {
  const stop = new AbortController();
  platform.channel.onmessage = (event) => onHint(event.data);
  const broadcast = (hint: Hint) => {
    platform.channel.postMessage(hint);
    onHint(hint);
  };
  platform.runAsLeader((ended) => listen(platform, broadcast, ended), stop.signal);
  return () => {
    stop.abort();
    platform.channel.close();
  };
}

async function listen(platform: Platform, broadcast: (hint: Hint) => void, ended: AbortSignal): Promise<void> {
  let wait_ms = MIN_RETRY_MS;
  const hasEnded = () => ended.aborted;
  while (!hasEnded()) {
    try {
      await platform.open().read(({ type, data }) => {
        wait_ms = MIN_RETRY_MS;
        const hint = hintOf(type, data);
        if (hint) broadcast(hint);
      }, ended);
    } catch {
      // Polling goes on whatever ended the stream, so it is only opened again later.
    }
    if (hasEnded()) return;
    await platform.wait(wait_ms, ended);
    wait_ms = Math.min(2 * wait_ms, MAX_RETRY_MS);
  }
}

/** The hint of one server-sent event; null for events that change nothing and for malformed ones. */
export function hintOf(type: string, data: string): Hint | null {
  if (type === "reset") return { type };
  if (type !== "run") return null;
  try {
    const run = JSON.parse(data) as RunEvent;
    return typeof run.id === "string" && typeof run.state === "string" ? { type, run } : null;
  } catch {
    return null;
  }
}
