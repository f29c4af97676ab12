import type { UseQueryResult } from "@tanstack/react-query";
import { useMemo } from "preact/hooks";
import { Suspense } from "preact/compat";

import type { Schemas } from "../../api/client";
import { POLL_MS, POLL_SLOW_MS, useApi } from "../../api/queries";
import { Loaded, Skeleton } from "../../components/states";
import { lazyPart } from "../../components/unloaded";
import { useWords } from "../../i18n/use-words";
import { loadWordsOf } from "../../i18n/words";
import { Brief } from "./brief";
import { Figures } from "./figures";
import { Records } from "./records";
import { Stories } from "./stories";
import { Watchlist } from "./watchlist";

const HEIGHT = 900;

type Overview = Schemas["Dashboard"];

/** Few ever see it, and never again. */
const FirstRun = lazyPart(() =>
  Promise.all([import("./first-run"), loadWordsOf("settings")]).then(([module]) => module.FirstRun),
);

/** Drawn once the moves are there or failed: they decide on the order of the rows. */
function Cards({ data, moved }: { data: Overview; moved: UseQueryResult<Schemas["WatchedMoves"]> }) {
  const moves = useMemo(() => new Map(moved.data?.items.map((item) => [item.stock_code, item])), [moved.data]);
  if (moved.isPending) return <Skeleton height={HEIGHT} />;
  return (
    <>
      <Watchlist data={data} moves={moves} indexes={moved.data?.indexes ?? []} />
      <Figures data={data} />
      <div class="columns columns-side">
        <Stories data={data} />
        <div>
          <Brief />
          <Records record={data.record} />
        </div>
      </div>
    </>
  );
}

export function OverviewPage() {
  const { t } = useWords();
  const query = useApi("/api/dashboard", {}, { every_ms: POLL_MS });
  const moved = useApi("/api/dashboard/moves", {}, { every_ms: POLL_SLOW_MS });
  return (
    <>
      <h1 class="hidden">{t("page.overview")}</h1>
      <Loaded query={query} height={HEIGHT}>
        {(data) => (
          <>
            {data.stocks.every((stock) => stock.forecasts.length === 0) && (
              <Suspense fallback={<Skeleton height={600} />}>
                <FirstRun stocks={data.stocks} />
              </Suspense>
            )}
            {data.stocks.length > 0 && <Cards data={data} moved={moved} />}
          </>
        )}
      </Loaded>
    </>
  );
}
