// Figures of the models page out of the metric rows of the API; nothing here makes a number that the API did not.

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
  const found = row.metrics[name];
  return found && typeof found === "object" && "value" in found ? (found as EstimateView) : null;
}

export interface DayPoint {
  date: string;
  value: number;
  n: number;
  /** Share right of all calls up to this day. */
  running: number;
  running_n: number;
  baseline: number | null;
}

/** Daily accuracy, oldest first, with the running share that tells noise from a trend. */
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

/** Lower and upper end of an axis that holds `values` with room at both ends. */
export function rangeOf(values: readonly number[], room = 0.02): [number, number] {
  if (values.length === 0) return [0, 1];
  return [Math.max(0, Math.min(...values) - room), Math.min(1, Math.max(...values) + room)];
}
