// The past calls of a stock, which its card at the head and the table of calls share.

import { POLL_SLOW_MS, usePages, type Pages } from "../../api/queries";
import { useShownModel } from "../../api/shown-model";
import type { Schemas } from "../../api/client";

export const MODES = ["live", "backtest"] as const;
export type Mode = (typeof MODES)[number];
export const IN_STRIP = 30;

function useCalls(code: string, mode: Mode) {
  const model = useShownModel();
  const parameters = { stock_code: code, model, horizon: 1, mode, limit: IN_STRIP };
  return usePages("/api/prediction", parameters, { every_ms: POLL_SLOW_MS, enabled: model !== undefined });
}

/** Calls of the mode that was chosen; else of the live one, and of the replay while no live outcome is there yet. */
export function usePastCalls(code: string, chosen?: Mode): { mode: Mode; query: Pages<Schemas["PredictionRow"]> } {
  const live = useCalls(code, "live");
  const isYoung = live.data !== undefined && !live.data.some((call) => call.outcome_state === "final");
  const replay = useCalls(code, "backtest");
  const mode = chosen ?? (isYoung ? "backtest" : "live");
  return { mode, query: mode === "live" ? live : replay };
}
