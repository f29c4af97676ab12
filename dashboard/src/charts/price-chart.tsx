// Candles, volume, news per day and the forecast fan. Loaded apart: the library is most of the stock page's bytes.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import type { Schemas } from "../api/client";
import { Change, Table } from "../components/parts";
import { count, krw } from "../format";
import { useWords } from "../i18n/use-words";
import { usePreferences } from "../preferences";
import { fanOf, newsByDay, type NewsDay } from "../views/stock";
import { coloursOf, drawChart, type Drawn } from "./drawing";

interface Props {
  bars: Schemas["BarItem"][];
  news: Schemas["NewsItem"][];
  forecasts: Schemas["PredictionRow"][];
  height: number;
}

/** What stands under the pointer, else the newest session. */
function Legend({
  bar,
  before,
  news,
}: {
  bar: Schemas["BarItem"] | undefined;
  before: Schemas["BarItem"] | undefined;
  news: NewsDay | undefined;
}) {
  const { t, language } = useWords();
  if (!bar) return <p class="legend" />;
  const move = before
    ? (bar.regular_close_krw * bar.adjust_factor) / (before.regular_close_krw * before.adjust_factor) - 1
    : null;
  return (
    <p class="legend">
      <span class="number">{bar.trade_date}</span> · {t("bar.open")}{" "}
      <span class="number">{krw(bar.open_krw, language)}</span> · {t("bar.high")}{" "}
      <span class="number">{krw(bar.high_krw, language)}</span> · {t("bar.low")}{" "}
      <span class="number">{krw(bar.low_krw, language)}</span> · {t("bar.close")}{" "}
      <span class="number">{krw(bar.regular_close_krw, language)}</span> <Change value={move} />
      {news && (
        <span class="quiet">
          {" "}
          · {t("stock.newsCount", { n: news.count })}: {news.title}
        </span>
      )}
    </p>
  );
}

function BarTable({ bars, news }: { bars: Schemas["BarItem"][]; news: NewsDay[] }) {
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
  return (
    <Table label={t("stock.chart")} head={head}>
      {bars
        .slice(-30)
        .reverse()
        .map((bar) => (
          <tr>
            <th scope="row" class="number">
              {bar.trade_date}
            </th>
            {[bar.open_krw, bar.high_krw, bar.low_krw, bar.regular_close_krw].map((price) => (
              <td class="number">{krw(price, language)}</td>
            ))}
            <td class="number">{count(bar.volume)}</td>
            <td class="number">{news.find((day) => day.time === bar.trade_date)?.count ?? ""}</td>
          </tr>
        ))}
    </Table>
  );
}

export function PriceChart({ bars: newestFirst, news, forecasts, height }: Props) {
  const { t, language } = useWords();
  const { theme, colours } = usePreferences();
  const holder = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn | null>(null);
  const [isTable, setTable] = useState(false);
  const [pointed, setPointed] = useState<string | null>(null);
  const bars = useMemo(() => [...newestFirst].reverse(), [newestFirst]);
  const days = useMemo(
    () =>
      newsByDay(
        news,
        bars.map((bar) => bar.trade_date),
      ),
    [news, bars],
  );
  const fan = useMemo(() => fanOf(forecasts, bars.at(-1)?.trade_date ?? ""), [forecasts, bars]);

  useEffect(() => {
    if (isTable || !holder.current) return;
    drawn.current = drawChart(holder.current, setPointed);
    return () => drawn.current?.chart.remove();
  }, [isTable]);
  useEffect(() => {
    if (!isTable) drawn.current?.show({ bars, days, fan, colours: coloursOf(), language });
  }, [isTable, bars, days, fan, theme, colours, language]);

  const position = pointed === null ? bars.length - 1 : bars.findIndex((bar) => bar.trade_date === pointed);
  return (
    <>
      <div class="chart-head">
        <Legend
          bar={bars[position]}
          before={bars[position - 1]}
          news={days.find((day) => day.time === bars[position]?.trade_date)}
        />
        <button type="button" aria-pressed={isTable} onClick={() => setTable(!isTable)}>
          {t("action.table")}
        </button>
      </div>
      {isTable ? (
        <BarTable bars={bars} news={days} />
      ) : (
        <div
          class="chart"
          ref={holder}
          role="group"
          aria-label={t("stock.chart.label")}
          style={{ height: `${height}px` }}
        />
      )}
    </>
  );
}
