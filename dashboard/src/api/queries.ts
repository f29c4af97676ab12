// How often each thing is asked for, and how the page behaves while it cannot be had.

import { keepPreviousData, QueryClient, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { get, ProblemError, type GetPath, type Got, type Parameters } from "./client";

export const OFTEN_MS = 5_000;
export const CALMLY_MS = 15_000;
export const RARELY_MS = 60_000;

function shouldRetry(failures: number, error: Error): boolean {
  const isOurFault = error instanceof ProblemError && error.problem.status < 500;
  return !isOurFault && failures < 1;
}

export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: shouldRetry,
        retryDelay: 1_000,
        staleTime: 2_000,
        networkMode: "always",
        refetchOnWindowFocus: true,
      },
      mutations: { networkMode: "always" },
    },
  });
}

interface Options {
  every_ms?: number;
  enabled?: boolean;
  keep?: boolean;
}

/** GET `path`, again every `every_ms` while the tab is visible. `keep`: show the last page while the next one loads. */
export function useApi<Path extends GetPath>(
  path: Path,
  parameters: Parameters = {},
  options: Options = {},
): UseQueryResult<Got<Path>> {
  return useQuery<Got<Path>>({
    queryKey: [path, parameters],
    queryFn: ({ signal }: { signal: AbortSignal }) => get(path, parameters, signal),
    refetchInterval: options.every_ms ?? false,
    enabled: options.enabled ?? true,
    ...(options.keep ? { placeholderData: keepPreviousData } : {}),
  } as never);
}
