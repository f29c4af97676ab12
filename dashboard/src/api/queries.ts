// TanStack Query over the REST client: polling intervals, retries and lists page by page.

import {
  QueryClient,
  useInfiniteQuery,
  useQuery,
  type InfiniteData,
  type UseInfiniteQueryResult,
  type UseQueryResult,
} from "@tanstack/react-query";

import {
  get,
  getAll,
  ProblemError,
  type GetBody,
  type GetPath,
  type ItemOf,
  type ListPath,
  type Parameters,
} from "./client";

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
}

/** Query of GET `path`, repeated every `every_ms` while the tab is visible. */
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
  } as never);
}

/** The first items of the list GET `path`, at least `most` of them where there are as many. */
export function useItems<Path extends ListPath>(
  path: Path,
  parameters: Parameters,
  { most, ...options }: Options & { most: number },
): UseQueryResult<ItemOf<Path>[]> {
  return useQuery<ItemOf<Path>[]>({
    queryKey: [path, parameters, most],
    queryFn: ({ signal }: { signal: AbortSignal }) => getAll(path, parameters, signal, most),
    refetchInterval: options.every_ms ?? false,
    enabled: options.enabled ?? true,
  } as never);
}

/** Items of a list so far. `fetchNextPage` appends the next page by the API's cursor, however long the list is. */
export type Pages<Item> = UseInfiniteQueryResult<Item[]>;

/** The list GET `path` page by page. With `every_ms` all loaded pages are repeated; without, they stay as they came. */
export function usePages<Path extends ListPath>(
  path: Path,
  parameters: Parameters,
  options: Options = {},
): Pages<ItemOf<Path>> {
  return useInfiniteQuery({
    queryKey: [path, parameters, "pages"],
    queryFn: ({ pageParam, signal }: { pageParam: string | undefined; signal: AbortSignal }) =>
      get(path, { ...parameters, cursor: pageParam }, signal),
    initialPageParam: undefined,
    getNextPageParam: (page: { next_cursor: string | null }) => page.next_cursor ?? undefined,
    select: (data: InfiniteData<{ items: ItemOf<Path>[] }>) => data.pages.flatMap((page) => page.items),
    enabled: options.enabled ?? true,
    ...(options.every_ms ? { refetchInterval: options.every_ms } : { staleTime: Infinity }),
  } as never);
}
