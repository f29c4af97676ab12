import { RARELY_MS, useApi } from "./queries";

/** The name of the model whose forecasts people see; undefined while it is on its way. A promotion moves it. */
export function useShownModel(): string | undefined {
  const models = useApi("/api/models", {}, { every_ms: RARELY_MS }).data?.items;
  return models && (models.find((model) => model.is_shown)?.name ?? "gated");
}
