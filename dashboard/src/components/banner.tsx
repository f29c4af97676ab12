// Which part of the system does not answer, since when, and what still works meanwhile.

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "preact/hooks";

import { ProblemError } from "../api/client";
import { OFTEN_MS, useApi } from "../api/queries";
import { clockTime } from "../format";
import { useWords } from "../i18n/use-words";
import { bannerOf, type BannerState } from "../views/banner";

export function useHealth() {
  return useApi("/api/health", {}, { every_ms: OFTEN_MS });
}

/** The API came back: everything on the page is asked for again at once. */
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
  if (isLost) return { kind: "lost", retry_s: OFTEN_MS / 1000 };
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
  const strong = state.kind === "stopped" ? "banner banner-note" : "banner banner-bad";
  return (
    <div class={strong} role="alert" data-scheduler={state.kind}>
      <strong>{t(`banner.${state.kind}`, { since })}</strong> {t("banner.works")}{" "}
      <code>{state.kind === "unknown" ? "azak doctor" : "pm2 restart azak-scheduler"}</code>
    </div>
  );
}
