// Stocks by code, for answers that hold codes only.

import { useQuery } from "@tanstack/react-query";

import { getAll } from "./client";
import { POLL_SLOW_MS } from "./queries";

const LIMIT = 200;

/** Every watched stock; asked for while `isNeeded`. */
export function useStocks(isNeeded = true) {
  return useQuery({
    enabled: isNeeded,
    queryKey: ["/api/stocks", "all"],
    queryFn: ({ signal }) => getAll("/api/stocks", { limit: LIMIT }, signal),
    refetchInterval: POLL_SLOW_MS,
  });
}

/** Function from a stock code to its name; to the code itself while names load. */
export function useStockName(): (code: string) => string {
  const names = new Map(useStocks().data?.map(({ code, name }) => [code, name]));
  return (code) => names.get(code) ?? code;
}
