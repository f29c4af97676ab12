// The build of the page: the one in this tab, and the one that the server has now.

import { useQuery } from "@tanstack/react-query";

import { BASE } from "../base";
import { buildOf } from "../views/build";
import { UnreachableError } from "./client";
import { POLL_SLOW_MS } from "./queries";

export function runningBuild(): string {
  return document.querySelector('script[type="module"]')?.getAttribute("src") ?? "";
}

/** Build that the server has now. Raises UnreachableError. */
export async function fetchBuild(signal?: AbortSignal): Promise<string> {
  try {
    const response = await fetch(BASE, { signal: signal ?? null, headers: { Accept: "text/html" } });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return buildOf(await response.text());
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new UnreachableError(String(error));
  }
}

/** Whether the server has another build than this tab. Asked every minute, and first after one: this tab is new. */
export function useNewBuild(): boolean {
  const served = useQuery({
    queryKey: ["build"],
    queryFn: ({ signal }) => fetchBuild(signal),
    initialData: runningBuild,
    staleTime: POLL_SLOW_MS,
    refetchInterval: POLL_SLOW_MS,
  }).data;
  return served !== "" && served !== runningBuild();
}
