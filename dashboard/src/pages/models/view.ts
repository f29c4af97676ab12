// View model of the models page: daily share on the right side of one half from the metric rows of the API, and the range of an axis.

import type { Schemas } from "../../api/client";

/** Which evaluation the page shows. */
export interface Selection {
  mode: string;
  horizon: number;
  window: string;
}

type EstimateView = Schemas["Estimate"];
type Metric = Pick<Schemas["MetricItem"], "metrics">;

function estimateOf(row: Metric, name: string): EstimateView | null {
  const found = (row.metrics as Record<string, unknown>)[name];
  return found && typeof found === "object" && "value" in found ? (found as EstimateView) : null;
}

export interface DayPoint {
  date: string;
  value: number;
  n: number;
  /** Share on the right side up to and including this day. */
  running: number;
  running_n: number;
  baseline: number | null;
}

/** Daily share of forecasts on the right side of one half, with or without an opinion, oldest first; and cumulative. */
export function accuracyByDay(
  newestFirst: readonly (Metric & Pick<Schemas["MetricItem"], "trade_date">)[],
): DayPoint[] {
  let right = 0;
  let all = 0;
  const points: DayPoint[] = [];
  for (const row of [...newestFirst].reverse()) {
    const accuracy = estimateOf(row, "accuracy");
    if (accuracy?.value == null) continue;
    right += accuracy.value * accuracy.n;
    all += accuracy.n;
    points.push({
      date: row.trade_date,
      value: accuracy.value,
      n: accuracy.n,
      running: right / all,
      running_n: all,
      baseline: accuracy.baseline ?? null,
    });
  }
  return points;
}

/** Range of an axis for shares: `values` with `room` at both ends, within 0 and 1. */
export function rangeOf(values: readonly number[], room = 0.02): [number, number] {
  if (values.length === 0) return [0, 1];
  return [Math.max(0, Math.min(...values) - room), Math.min(1, Math.max(...values) + room)];
}
