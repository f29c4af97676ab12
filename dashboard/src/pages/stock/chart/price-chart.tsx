// Candles, volume, news per day and the forecast fan. A chunk of its own: the library is most of the stock page's bytes.

import type { RefObject } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import type { Schemas } from "../../../api/client";
import { Table } from "../../../components/table";
import { Change } from "../../../components/values";
import { count, krw } from "../../../format";
import { useWords } from "../../../i18n/use-words";
import { usePreferences } from "../../../preferences";
import { hrefOf, navigate } from "../../../route";
import { coloursOf, coloursOfPaper, drawChart, type ChartHandle } from "./price-drawing";
import { fanOf, indexLine, newsByDay, type Candle, type FanPoint, type NewsDay } from "../view";

interface Props {
  /** Of days or of minutes, oldest first. */
  candles: Candle[];
  events: Schemas["EventOfStock"][];
  forecasts: Schemas["PredictionRow"][];
  index: Schemas["IndexBar"][];
  /** The last trade; null before the first. */
  live: number | null;
  sessions: number | null;
  height: number;
}

/** "2026-11-27", or "13:05" of a minute. */
function timeWords(time: Candle["time"] | undefined): string {
  return typeof time === "number" ? new Date(time * 1000).toISOString().slice(11, 16) : (time ?? "");
}

function CandleLegend({
  candle,
  previous,
  news,
}: {
  candle: Candle;
  previous: Candle | undefined;
  news: NewsDay | undefined;
}) {
  const { t, language } = useWords();
  const prices: [string, number][] = [
    [t("bar.open"), candle.open],
    [t("bar.high"), candle.high],
    [t("bar.low"), candle.low],
    [t("bar.close"), candle.close],
  ];
  return (
    <>
      <span>{timeWords(candle.time)}</span>
      {prices.map(([name, price]) => (
        <span>
          <span class="quiet">{name}</span> {krw(price, language)}
        </span>
      ))}
      <Change value={previous ? candle.close / previous.close - 1 : null} />
      <span class="legend-news quiet">
        {news && (
          <>
            {t("stock.newsCount", { n: news.count })}: <a href={hrefOf("news", news.id)}>{news.title}</a>
          </>
        )}
      </span>
    </>
  );
}

function FanLegend({ point }: { point: FanPoint }) {
  const { language } = useWords();
  return (
    <>
      <span>{point.time}</span>
      <span>
        <span class="quiet">80%</span> {krw(point.low80, language)}–{krw(point.high80, language)}
      </span>
      <span>
        <span class="quiet">50%</span> {krw(point.low50, language)}–{krw(point.high50, language)}
      </span>
    </>
  );
}

interface LegendProps {
  candles: Candle[];
  fan: FanPoint[];
  days: NewsDay[];
  hovered: Candle["time"] | null;
}

/** Values of the candle or fan day under the pointer; of the newest candle without one. */
function Legend({ candles, fan, days, hovered }: LegendProps) {
  const found = candles.findIndex(({ time }) => time === hovered);
  const ahead = found < 0 ? fan.find(({ time }) => time === hovered) : undefined;
  const position = found < 0 ? candles.length - 1 : found;
  const candle = candles[position];
  const news = days.find(({ time }) => time === candle?.time);
  return (
    <p class="legend">
      {ahead && <FanLegend point={ahead} />}
      {!ahead && candle && <CandleLegend candle={candle} previous={candles[position - 1]} news={news} />}
    </p>
  );
}

function CandleTable({ candles, news }: { candles: Candle[]; news: NewsDay[] }) {
  const { t, language } = useWords();
  const prices = [t("bar.open"), t("bar.high"), t("bar.low"), t("bar.close")];
  const rows = candles
    .slice(-30)
    .reverse()
    .map(({ time, open, high, low, close, volume }) => ({
      key: time,
      cells: [
        timeWords(time),
        ...[open, high, low, close].map((price) => krw(price, language)),
        count(volume),
        news.find((day) => day.time === time)?.count ?? "",
      ],
    }));
  const head = [t("bar.date"), ...prices, t("bar.volume"), t("page.news")];
  return <Table label={t("stock.chart")} head={head} rows={rows} isDense />;
}

/** A picture of the chart for paper, where a canvas that follows the width of the page would be empty. */
function usePicture(handle: RefObject<ChartHandle | null>) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const take = () => {
      const picture = handle.current?.picture(coloursOfPaper());
      place.current?.replaceChildren(...(picture ? [picture] : []));
    };
    const clear = () => place.current?.replaceChildren();
    addEventListener("beforeprint", take);
    addEventListener("afterprint", clear);
    return () => {
      removeEventListener("beforeprint", take);
      removeEventListener("afterprint", clear);
    };
  }, [handle]);
  return <div class="chart-print" ref={place} aria-hidden="true" />;
}

export function PriceChart({ candles, events, forecasts, index, live, sessions, height }: Props) {
  const { t, language } = useWords();
  const { theme, colours } = usePreferences();
  const container = useRef<HTMLDivElement>(null);
  const handle = useRef<ChartHandle | null>(null);
  const picture = usePicture(handle);
  const [isTable, setTable] = useState(false);
  const [hovered, setHovered] = useState<Candle["time"] | null>(null);
  // Days and minutes do not fit on one axis, so each has a chart of its own.
  const isDaily = typeof candles[0]?.time !== "number";
  const days = useMemo(
    () =>
      isDaily
        ? newsByDay(
            events,
            candles.map(({ time }) => String(time)),
          )
        : [],
    [isDaily, events, candles],
  );
  const fan = useMemo(
    () => (isDaily ? fanOf(forecasts, String(candles.at(-1)?.time ?? "")) : []),
    [isDaily, forecasts, candles],
  );
  const line = useMemo(() => indexLine(candles, index, sessions ?? Infinity), [candles, index, sessions]);

  useEffect(() => {
    if (isTable || !container.current) return;
    handle.current = drawChart(container.current, {
      onPoint: setHovered,
      onNews: (id) => navigate(hrefOf("news", id)),
    });
    return () => {
      handle.current?.remove();
      handle.current = null;
    };
  }, [isTable, isDaily]);
  useEffect(() => {
    if (isTable || !handle.current) return;
    handle.current.update({ candles, days, fan, index: line, live, sessions, colours: coloursOf(), language });
    // The library paints in the next frame; python -m bench.dashboard reads when that was.
    requestAnimationFrame(() => {
      performance.mark("azak.chart");
      if (container.current) container.current.dataset["drawn"] = "";
    });
  }, [isTable, isDaily, candles, days, fan, line, live, sessions, theme, colours, language]);

  return (
    <>
      <div class="chart-head">
        <Legend candles={candles} fan={fan} days={days} hovered={hovered} />
        <button type="button" aria-pressed={isTable} onClick={() => setTable(!isTable)}>
          {t("action.table")}
        </button>
      </div>
      {isTable ? (
        <CandleTable candles={candles} news={days} />
      ) : (
        <div
          class="chart"
          ref={container}
          role="group"
          aria-label={t("stock.chart.label")}
          style={{ height: `${height}px` }}
        />
      )}
      {picture}
    </>
  );
}
