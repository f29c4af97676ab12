// Banner of an outage: which part does not answer, since when, and what still works.

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "preact/hooks";

import { useNewBuild } from "../../api/build";
import { ProblemError } from "../../api/client";
import { POLL_FAST_MS, useApi } from "../../api/queries";
import { clockTime } from "../../format";
import { useWords } from "../../i18n/use-words";
import { serverTime_ms } from "../../server-clock";
import { bannerOf, type BannerState } from "../../views/banner";
import { Reload } from "../unloaded";
import { useOnline } from "../states";

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
  const isOnline = useOnline();
  const isLost = health.error !== null && !(health.error instanceof ProblemError);
  useRecovery(isLost);
  if (isLost) return { kind: isOnline ? "lost" : "offline" };
  return health.data ? bannerOf(health.data, serverTime_ms(health.dataUpdatedAt)) : null;
}

/** What a reader must know on every page: an outage, and that azak was updated under this tab. */
export function Banner() {
  const { t } = useWords();
  const isNewBuild = useNewBuild();
  return (
    <div class="banners">
      {isNewBuild && (
        <div class="banner banner-note" role="status" data-banner="build">
          <strong>{t("build.new")}</strong> <Reload />
        </div>
      )}
      <Outage />
    </div>
  );
}

function Outage() {
  const { t, language } = useWords();
  const state = useBanner();
  if (!state) return null;
  if (state.kind === "lost" || state.kind === "offline") {
    return (
      <div class="banner banner-bad" role="alert">
        <strong>{t(`banner.${state.kind}`, { seconds: POLL_FAST_MS / 1000 })}</strong>
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
