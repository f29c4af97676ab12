// Stock names by code, for answers that hold codes only.

import { POLL_SLOW_MS, useApi } from "./queries";

export function useStocks() {
  return useApi("/api/stocks", { limit: 200 }, { every_ms: POLL_SLOW_MS });
}

/** Function from a stock code to its name; to the code itself while names load. */
export function useStockName(): (code: string) => string {
  const names = new Map(useStocks().data?.items.map(({ code, name }) => [code, name]));
  return (code) => names.get(code) ?? code;
}
