// The chart of a stock with its periods: minutes of the last session, days of a week up to all of its history.

import type { UseQueryResult } from "@tanstack/react-query";
import { Suspense } from "preact/compat";
import { useMemo } from "preact/hooks";

import type { Schemas } from "../../../api/client";
import { POLL_SLOW_MS, useApi, useItems } from "../../../api/queries";
import { Boundary } from "../../../components/boundary";
import { Card, Disclaimer } from "../../../components/card";
import { Loaded, Skeleton } from "../../../components/states";
import { lazyPart } from "../../../components/unloaded";
import { useWords } from "../../../i18n/use-words";
import { useFilter } from "../../../route";
import { dailyCandles, minuteCandles, PERIODS, SHOWN, type Period } from "../view";

const HEIGHT = 420;
const AT_FIRST = 100;
const PAGE = 200;
// A session has 390 minutes, and some trade is before and after it.
const OF_A_DAY = { minutes: 5, limit: 100 } as const;
const PriceChart = lazyPart(() => import("./price-chart").then((module) => module.PriceChart));

/** Candles of the period, oldest first: as many days as it needs are fetched when it is chosen. */
function useCandles(code: string, period: Period | null) {
  const isDay = period === "1d";
  const wanted = period === null || isDay ? AT_FIRST : SHOWN[period];
  const bars = useApi("/api/stocks/{code}/bars", { code, limit: AT_FIRST }, { every_ms: POLL_SLOW_MS });
  const long = useItems("/api/stocks/{code}/bars", { code, limit: PAGE }, { most: wanted, enabled: wanted > AT_FIRST });
  const minutes = useApi(
    "/api/stocks/{code}/bars/minutes",
    { code, ...OF_A_DAY },
    { every_ms: POLL_SLOW_MS, enabled: isDay },
  );
  const days = wanted > AT_FIRST ? (long.data ?? bars.data?.items) : bars.data?.items;
  const daily = useMemo(() => dailyCandles([...(days ?? [])].reverse()), [days]);
  const byMinute = useMemo(() => minuteCandles(minutes.data?.items ?? []), [minutes.data]);
  const { data, error, dataUpdatedAt, refetch } = isDay ? minutes : bars;
  return { data: data && (isDay ? byMinute : daily), error, dataUpdatedAt, refetch };
}

interface ChartProps {
  code: string;
  stock: Schemas["StockDetail"] | undefined;
  events: UseQueryResult<Schemas["PageOf_EventOfStock_"]>;
  forecasts: Schemas["PredictionRow"][];
}

export function ChartCard({ code, stock, events, forecasts }: ChartProps) {
  const { t } = useWords();
  // In the address, so that a link, back and reload show the same; what it does not know is as if it said nothing.
  const [filter, change] = useFilter();
  const period = PERIODS.find((name) => name === filter["period"]) ?? null;
  const hasIndex = filter["index"] === "on";
  const query = useCandles(code, period);
  const sessions = period && SHOWN[period];
  const market = stock?.market ?? "KOSPI";
  const index = useItems(
    "/api/indexes/{index_code}/bars",
    { index_code: market, limit: PAGE },
    { most: sessions ?? AT_FIRST, enabled: hasIndex && stock !== undefined && period !== "1d" },
  );
  const periods = (
    <>
      {PERIODS.map((name) => (
        <button
          type="button"
          key={name}
          aria-pressed={name === period}
          onClick={() => change({ period: name === period ? "" : name })}
        >
          {t(`chart.${name}`)}
        </button>
      ))}
      <button type="button" aria-pressed={hasIndex} onClick={() => change({ index: hasIndex ? "" : "on" })}>
        {t("chart.index")}
      </button>
    </>
  );
  return (
    <Card title={t("stock.chart")} note={t("stock.chart.note")} actions={periods}>
      <Loaded
        query={query}
        height={HEIGHT + 60}
        isEmpty={(candles) => candles.length === 0}
        empty={t(period === "1d" ? "chart.noMinutes" : "stock.chart.empty")}
      >
        {(candles) => (
          <Boundary>
            <Suspense fallback={<Skeleton height={HEIGHT + 60} />}>
              <PriceChart
                candles={candles}
                events={events.data?.items ?? []}
                forecasts={forecasts}
                index={hasIndex ? (index.data ?? []) : []}
                live={stock?.last_price_krw ?? null}
                sessions={sessions}
                height={HEIGHT}
              />
            </Suspense>
          </Boundary>
        )}
      </Loaded>
      <Disclaimer />
    </Card>
  );
}
