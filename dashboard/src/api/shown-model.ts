import { POLL_SLOW_MS, useApi } from "./queries";

/** Name of the model whose forecasts the page shows (a promotion changes it); undefined while it loads. */
export function useShownModel(): string | undefined {
  const models = useApi("/api/models", {}, { every_ms: POLL_SLOW_MS }).data?.items;
  return models && (models.find((model) => model.is_shown)?.name ?? "gated");
}
