// TanStack Query over the REST client: polling intervals and retries.

import { keepPreviousData, QueryClient, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { get, ProblemError, type GetPath, type GetBody, type Parameters } from "./client";

export const POLL_FAST_MS = 5_000;
export const POLL_MS = 15_000;
export const POLL_SLOW_MS = 60_000;

function shouldRetry(failures: number, error: Error): boolean {
  const isClientError = error instanceof ProblemError && error.problem.status < 500;
  return !isClientError && failures < 1;
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
  keepPrevious?: boolean;
}

/** Query of GET `path`, repeated every `every_ms` while the tab is visible. `keepPrevious`: the data of the previous
 *  parameters stays until the new one has come. */
export function useApi<Path extends GetPath>(
  path: Path,
  parameters: Parameters = {},
  options: Options = {},
): UseQueryResult<GetBody<Path>> {
  return useQuery<GetBody<Path>>({
    queryKey: [path, parameters],
    queryFn: ({ signal }: { signal: AbortSignal }) => get(path, parameters, signal),
    refetchInterval: options.every_ms ?? false,
    enabled: options.enabled ?? true,
    ...(options.keepPrevious ? { placeholderData: keepPreviousData } : {}),
  } as never);
}
