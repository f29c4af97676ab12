// State of the outage banner, from the health report; after how many seconds a scheduler is silent, the API decides.

import type { Schemas } from "../api/client";

export type BannerState =
  | { kind: "lost" }
  | { kind: "offline" }
  | { kind: "database" }
  | { kind: "silent" | "stopped" | "unknown"; since: string | null; remedy: string };

export function bannerOf(
  health: Pick<Schemas["HealthReport"], "database" | "scheduler">,
  /** Server's time at which it was read. */
  seen_ms: number,
): BannerState | null {
  if (!health.database.reachable) return { kind: "database" };
  const { state, heartbeat_age_s: age_s, restart } = health.scheduler;
  if (state !== "silent" && state !== "stopped" && state !== "unknown") return null;
  const since = age_s === null ? null : new Date(seen_ms - age_s * 1000).toISOString();
  return { kind: state, since, remedy: state === "unknown" ? "azak doctor" : restart };
}
