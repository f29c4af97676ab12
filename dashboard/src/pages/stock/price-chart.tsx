// Candles, volume, news per day and the forecast fan. A chunk of its own: the library is most of the stock page's bytes.

import type { RefObject } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import type { Schemas } from "../../api/client";
import { Table } from "../../components/table";
import { Change } from "../../components/values";
import { count, krw } from "../../format";
import { useWords } from "../../i18n/use-words";
import { usePreferences } from "../../preferences";
import { hrefOf, navigate } from "../../route";
import { coloursOf, coloursOfPaper, drawChart, type ChartHandle } from "./price-drawing";
import { fanOf, newsByDay, type FanPoint, type NewsDay } from "./view";

type Bar = Schemas["BarItem"];

interface Props {
  bars: Bar[];
  news: Schemas["NewsItem"][];
  forecasts: Schemas["PredictionRow"][];
  height: number;
}

function BarLegend({ bar, previous, news }: { bar: Bar; previous: Bar | undefined; news: NewsDay | undefined }) {
  const { t, language } = useWords();
  const move = previous
    ? (bar.regular_close_krw * bar.adjust_factor) / (previous.regular_close_krw * previous.adjust_factor) - 1
    : null;
  const prices: [string, number | null][] = [
    [t("bar.open"), bar.open_krw],
    [t("bar.high"), bar.high_krw],
    [t("bar.low"), bar.low_krw],
    [t("bar.close"), bar.regular_close_krw],
  ];
  return (
    <>
      <span>{bar.trade_date}</span>
      {prices.map(([name, price]) => (
        <span>
          <span class="quiet">{name}</span> {krw(price, language)}
        </span>
      ))}
      <Change value={move} />
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

/** Values of the session or fan day under the pointer; of the newest session without one. */
function Legend({
  bars,
  fan,
  days,
  hovered,
}: {
  bars: Bar[];
  fan: FanPoint[];
  days: NewsDay[];
  hovered: string | null;
}) {
  const found = bars.findIndex((bar) => bar.trade_date === hovered);
  const ahead = found < 0 ? fan.find((point) => point.time === hovered) : undefined;
  const position = found < 0 ? bars.length - 1 : found;
  const bar = bars[position];
  const news = days.find((day) => day.time === bar?.trade_date);
  return (
    <p class="legend">
      {ahead && <FanLegend point={ahead} />}
      {!ahead && bar && <BarLegend bar={bar} previous={bars[position - 1]} news={news} />}
    </p>
  );
}

function BarTable({ bars, news }: { bars: Bar[]; news: NewsDay[] }) {
  const { t, language } = useWords();
  const head = [
    t("bar.date"),
    t("bar.open"),
    t("bar.high"),
    t("bar.low"),
    t("bar.close"),
    t("bar.volume"),
    t("page.news"),
  ];
  const rows = bars
    .slice(-30)
    .reverse()
    .map((bar) => ({
      key: bar.trade_date,
      cells: [
        bar.trade_date,
        ...[bar.open_krw, bar.high_krw, bar.low_krw, bar.regular_close_krw].map((price) => krw(price, language)),
        count(bar.volume),
        news.find((day) => day.time === bar.trade_date)?.count ?? "",
      ],
    }));
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

export function PriceChart({ bars: newestFirst, news, forecasts, height }: Props) {
  const { t, language } = useWords();
  const { theme, colours } = usePreferences();
  const container = useRef<HTMLDivElement>(null);
  const handle = useRef<ChartHandle | null>(null);
  const picture = usePicture(handle);
  const [isTable, setTable] = useState(false);
  const [hovered, setHovered] = useState<string | null>(null);
  const bars = useMemo(() => [...newestFirst].reverse(), [newestFirst]);
  const dates = useMemo(() => bars.map((bar) => bar.trade_date), [bars]);
  const days = useMemo(() => newsByDay(news, dates), [news, dates]);
  const fan = useMemo(() => fanOf(forecasts, bars.at(-1)?.trade_date ?? ""), [forecasts, bars]);

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
  }, [isTable]);
  useEffect(() => {
    if (isTable || !handle.current) return;
    handle.current.update({ bars, days, fan, colours: coloursOf(), language });
    // The library paints in the next frame; python -m bench.dashboard reads when that was.
    requestAnimationFrame(() => {
      performance.mark("azak.chart");
      if (container.current) container.current.dataset["drawn"] = "";
    });
  }, [isTable, bars, days, fan, theme, colours, language]);

  return (
    <>
      <div class="chart-head">
        <Legend bars={bars} fan={fan} days={days} hovered={hovered} />
        <button type="button" aria-pressed={isTable} onClick={() => setTable(!isTable)}>
          {t("action.table")}
        </button>
      </div>
      {isTable ? (
        <BarTable bars={bars} news={days} />
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
