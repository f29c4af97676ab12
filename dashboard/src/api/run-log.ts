// The log of a run, whole: the API gives a part at a time.

import { useQuery } from "@tanstack/react-query";

import { get, type Schemas } from "./client";

const PATH = "/api/runs/{run_id}/events";
const PART = 200;

async function readLog(id: string, signal: AbortSignal): Promise<Schemas["RunEventItem"][]> {
  const lines: Schemas["RunEventItem"][] = [];
  for (;;) {
    const { items } = await get(PATH, { run_id: id, after: lines.at(-1)?.id }, signal);
    lines.push(...items);
    if (items.length < PART) return lines;
  }
}

/** Log lines of a run, oldest first, repeated every `every_ms` while it is open. */
export function useRunLog(id: string, every_ms: number | false, enabled = true) {
  return useQuery({
    queryKey: [PATH, { run_id: id }],
    queryFn: ({ signal }) => readLog(id, signal),
    refetchInterval: every_ms,
    enabled,
  });
}
