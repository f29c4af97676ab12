import { expect, test } from "vitest";

import type { Schemas } from "../src/api/client";
import { byTrouble, toneOfJob, toneOfSource } from "../src/pages/operations/view";

test("what is broken stands first, what is off on purpose last, the rest as it came", () => {
  const states: Schemas["SourceCondition"][] = ["off", "ok", "blocked", "never_asked", "failing", "ok", "stalled"];
  expect(byTrouble(states, toneOfSource)).toEqual(["blocked", "failing", "stalled", "never_asked", "ok", "ok", "off"]);
});

test("a failed job stands first, one that runs or was skipped keeps its place", () => {
  const jobs: Pick<Schemas["JobItem"], "run_state">[] = [
    { run_state: "running" },
    { run_state: "succeeded" },
    { run_state: "dead" },
    { run_state: null },
    { run_state: "skipped" },
    { run_state: "failed" },
  ];
  expect(byTrouble(jobs, toneOfJob).map(({ run_state }) => run_state)).toEqual([
    "dead",
    "failed",
    "running",
    "succeeded",
    null,
    "skipped",
  ]);
});
