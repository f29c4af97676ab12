// Names of stocks by code, for lists that the API sends with codes only.

import { RARELY_MS, useApi } from "./queries";

export function useStocks() {
  return useApi("/api/stocks", { limit: 200 }, { every_ms: RARELY_MS });
}

/** The name of a stock; its code while names are on their way. */
export function useStockName(): (code: string) => string {
  const names = new Map(useStocks().data?.items.map(({ code, name }) => [code, name]));
  return (code) => names.get(code) ?? code;
}
