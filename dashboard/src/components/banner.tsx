// Banner of an outage: which part does not answer, since when, and what still works.

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "preact/hooks";

import { ProblemError } from "../api/client";
import { POLL_FAST_MS, useApi } from "../api/queries";
import { clockTime } from "../format";
import { useWords } from "../i18n/use-words";
import { bannerOf, type BannerState } from "../views/banner";

export function useHealth() {
  return useApi("/api/health", {}, { every_ms: POLL_FAST_MS });
}

/** Invalidates every query when the API answers again after an outage. */
function useRecovery(isLost: boolean): void {
  const client = useQueryClient();
  const wasLost = useRef(false);
  useEffect(() => {
    if (wasLost.current && !isLost) void client.invalidateQueries();
    wasLost.current = isLost;
  }, [isLost, client]);
}

function useBanner(): BannerState | null {
  const health = useHealth();
  const isLost = health.error !== null && !(health.error instanceof ProblemError);
  useRecovery(isLost);
  if (isLost) return { kind: "lost", retry_s: POLL_FAST_MS / 1000 };
  return health.data ? bannerOf(health.data, health.dataUpdatedAt) : null;
}

export function Banner() {
  const { t, language } = useWords();
  const state = useBanner();
  if (!state) return null;
  if (state.kind === "lost") {
    return (
      <div class="banner banner-bad" role="alert">
        <strong>{t("banner.lost", { seconds: state.retry_s })}</strong>
      </div>
    );
  }
  if (state.kind === "database") {
    return (
      <div class="banner banner-bad" role="alert">
        <strong>{t("banner.database")}</strong> {t("banner.database.remedy")}
      </div>
    );
  }
  const since = state.since ? clockTime(state.since, language) : "";
  const style = state.kind === "stopped" ? "banner banner-note" : "banner banner-bad";
  return (
    <div class={style} role="alert" data-scheduler={state.kind}>
      <strong>{t(`banner.${state.kind}`, { since })}</strong> {t("banner.works")} <code>{state.remedy}</code>
    </div>
  );
}
