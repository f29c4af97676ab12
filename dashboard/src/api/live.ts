// One stream of events for all tabs of this browser: the tab that holds the lock listens and tells the others.
// Browsers open six connections to a server at most, so a stream in each tab would hang the seventh.
// Without locks (plain http on a LAN address) or without a stream every tab simply polls, as it does anyway.

export interface RunEvent {
  id: string;
  kind: string;
  state: string;
  progress: number;
}

export type Hint = { type: "run"; run: RunEvent } | { type: "reset" };

export interface Surroundings {
  /** Runs `work` in one tab at a time; when that tab goes, in the next. */
  lead: (work: (ended: AbortSignal) => Promise<void>, signal: AbortSignal) => void;
  channel: {
    postMessage: (hint: Hint) => void;
    onmessage: ((event: { data: Hint }) => void) | null;
    close: () => void;
  };
  open: () => Stream;
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface Stream {
  /** Calls `on` for each event until the stream is refused or `signal` ends it. */
  read: (on: (event: { type: string; data: string }) => void, signal: AbortSignal) => Promise<void>;
}

export const FIRST_WAIT_MS = 1_000;
export const LONGEST_WAIT_MS = 60_000;

/** Start listening; `onHint` is called in every tab. Gives what stops it. */
export function follow(around: Surroundings, onHint: (hint: Hint) => void): () => void {
  const stop = new AbortController();
  around.channel.onmessage = (event) => onHint(event.data);
  const tell = (hint: Hint) => {
    around.channel.postMessage(hint);
    onHint(hint);
  };
  around.lead((ended) => listen(around, tell, ended), stop.signal);
  return () => {
    stop.abort();
    around.channel.close();
  };
}

async function listen(around: Surroundings, tell: (hint: Hint) => void, ended: AbortSignal): Promise<void> {
  let wait_ms = FIRST_WAIT_MS;
  const hasEnded = () => ended.aborted;
  while (!hasEnded()) {
    try {
      await around.open().read(({ type, data }) => {
        wait_ms = FIRST_WAIT_MS;
        const hint = hintOf(type, data);
        if (hint) tell(hint);
      }, ended);
    } catch {
      // The stream is an extra: whatever ends it, polling goes on, and we ask again later.
    }
    if (hasEnded()) return;
    await around.wait(wait_ms, ended);
    wait_ms = Math.min(2 * wait_ms, LONGEST_WAIT_MS);
  }
}

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
