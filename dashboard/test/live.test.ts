import { describe, expect, test } from "vitest";

import { subscribe, hintOf, type Hint, type Platform } from "../src/api/live";
import { staleQueries } from "../src/api/browser-live";

/** One browser: its tabs share a lock and a channel, as Web Locks and BroadcastChannel give them. */
class Browser {
  streams = 0;
  mostStreams = 0;
  private say: ((event: { type: string; data: string }) => void) | null = null;
  private end: (() => void) | null = null;
  private waiting: (() => void)[] = [];
  private isLed = false;
  private channels = new Set<Platform["channel"]>();
  waits: number[] = [];

  tab(): { hints: Hint[]; close: () => void } {
    const hints: Hint[] = [];
    const close = subscribe(this.platform(), (hint) => hints.push(hint));
    return { hints, close };
  }

  event(type: string, data: unknown): void {
    this.say?.({ type, data: typeof data === "string" ? data : JSON.stringify(data) });
  }

  refuse(): void {
    this.end?.();
  }

  private platform(): Platform {
    const own: Platform["channel"] = {
      onmessage: null,
      postMessage: (hint) => {
        for (const other of this.channels) if (other !== own) other.onmessage?.({ data: hint });
      },
      close: () => this.channels.delete(own),
    };
    this.channels.add(own);
    return {
      channel: own,
      runAsLeader: (work, signal) => this.lead(work, signal),
      open: () => ({ read: (on, signal) => this.read(on, signal) }),
      wait: (ms) => {
        this.waits.push(ms);
        return Promise.resolve();
      },
    };
  }

  private lead(work: (ended: AbortSignal) => Promise<void>, signal: AbortSignal): void {
    const turn = () => {
      this.isLed = true;
      void work(signal).finally(() => {
        this.isLed = false;
        this.waiting.shift()?.();
      });
    };
    if (this.isLed) this.waiting.push(turn);
    else turn();
  }

  private read(on: (event: { type: string; data: string }) => void, signal: AbortSignal): Promise<void> {
    this.streams += 1;
    this.mostStreams = Math.max(this.mostStreams, this.streams);
    this.say = on;
    let isOpen = true;
    return new Promise((resolve) => {
      this.end = () => {
        this.streams -= isOpen ? 1 : 0;
        isOpen = false;
        this.say = null;
        resolve();
      };
      signal.addEventListener("abort", this.end, { once: true });
    });
  }
}

const RUN = { id: "r1", kind: "crawl_news", state: "running", progress: 0.5 };
const settle = () => new Promise((resolve) => setTimeout(resolve));

describe("one stream a browser", () => {
  test("eight tabs hold one stream, and all hear what it says", async () => {
    const browser = new Browser();
    const tabs = Array.from({ length: 8 }, () => browser.tab());
    await settle();
    browser.event("hello", {});
    browser.event("run", RUN);
    expect(browser.mostStreams).toBe(1);
    for (const tab of tabs) expect(tab.hints).toEqual([{ type: "run", run: RUN }]);
  });

  test("when the leading tab closes, the next leads; nobody hears twice", async () => {
    const browser = new Browser();
    const [first, second, third] = [browser.tab(), browser.tab(), browser.tab()];
    await settle();
    first.close();
    await settle();
    expect(browser.streams).toBe(1);
    browser.event("run", RUN);
    expect(first.hints).toEqual([]);
    expect([second.hints, third.hints]).toEqual([[{ type: "run", run: RUN }], [{ type: "run", run: RUN }]]);
  });

  test("a refused stream is asked for again, ever more rarely, until one speaks", async () => {
    const browser = new Browser();
    const tab = browser.tab();
    for (let refusal = 0; refusal < 8; refusal++) {
      await settle();
      browser.refuse();
    }
    await settle();
    expect(browser.waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    browser.event("hello", {});
    browser.refuse();
    await settle();
    expect(browser.waits.at(-1)).toBe(1_000);
    tab.close();
    await settle();
    expect(browser.streams).toBe(0);
  });
});

describe("what an event says", () => {
  test("runs and resets are hints; all else is nothing", () => {
    expect(hintOf("run", JSON.stringify(RUN))).toEqual({ type: "run", run: RUN });
    expect(hintOf("reset", "")).toEqual({ type: "reset" });
    for (const data of ["not json", "null", "[]", '{"id":1}', '{"id":"r1"}']) expect(hintOf("run", data)).toBeNull();
    for (const type of ["hello", "bye", "constructor"]) expect(hintOf(type, "{}")).toBeNull();
  });

  test("a run that moves makes itself old, one that ended the overview too", () => {
    const paths = (state: string) => staleQueries({ type: "run", run: { ...RUN, state } }).map(([path]) => path);
    expect(paths("running")).not.toContain("/api/dashboard");
    expect(paths("succeeded")).toContain("/api/dashboard");
    expect(paths("succeeded")).toContain("/api/runs/{run_id}");
  });
});
