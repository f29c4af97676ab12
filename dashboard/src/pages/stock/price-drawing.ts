// What lightweight-charts is asked to draw. Its own logo is off because it inserts a <style>, which the content
// security policy forbids; the page's foot names and links the library instead, as its licence asks.

import {
  CandlestickSeries,
  createChart,
  createSeriesMarkers,
  HistogramSeries,
  type ChartOptions,
  type DeepPartial,
  type IChartApi,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  type Time,
} from "lightweight-charts";

import type { Schemas } from "../../api/client";
import type { Language } from "../../format";
import { Fan } from "./fan-series";
import type { FanPoint, NewsDay } from "./view";

export interface Colours {
  up: string;
  down: string;
  text: string;
  line: string;
  accent: string;
  band: string;
  font: string;
}

export interface Shown {
  bars: Schemas["BarItem"][];
  days: NewsDay[];
  fan: FanPoint[];
  colours: Colours;
  language: Language;
}

export interface Drawn {
  chart: IChartApi;
  show: (shown: Shown) => void;
}

/** The page's colours, which follow the theme and the reader's choice. */
export function coloursOf(): Colours {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    up: read("up"),
    down: read("down"),
    text: read("quiet"),
    line: read("line"),
    accent: read("accent"),
    band: read("band"),
    font: getComputedStyle(document.body).fontFamily,
  };
}

function optionsFor(colours: Colours, language: Language): DeepPartial<ChartOptions> {
  return {
    layout: {
      background: { color: "transparent" },
      textColor: colours.text,
      attributionLogo: false,
      fontFamily: colours.font,
    },
    grid: { vertLines: { visible: false }, horzLines: { color: colours.line } },
    rightPriceScale: { borderColor: colours.line },
    timeScale: { borderColor: colours.line },
    localization: {
      locale: language === "ko" ? "ko-KR" : "en-GB",
      priceFormatter: (price: number) => Math.round(price).toLocaleString("en-US"),
      dateFormat: "yyyy-MM-dd",
    },
  };
}

interface Parts {
  candles: ISeriesApi<"Candlestick">;
  volume: ISeriesApi<"Histogram">;
  fan: ISeriesApi<"Custom">;
  markers: ISeriesMarkersPluginApi<Time>;
}

function addParts(chart: IChartApi): Parts {
  const candles = chart.addSeries(CandlestickSeries, { priceLineVisible: false });
  const volume = chart.addSeries(HistogramSeries, {
    priceScaleId: "volume",
    priceFormat: { type: "volume" },
    lastValueVisible: false,
    priceLineVisible: false,
  });
  chart.priceScale("volume").applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
  const fan = chart.addCustomSeries(new Fan(), {
    lastValueVisible: false,
    priceLineVisible: false,
  }) as unknown as ISeriesApi<"Custom">;
  return { candles, volume, fan, markers: createSeriesMarkers(candles) };
}

function showIn(chart: IChartApi, parts: Parts, { bars, days, fan, colours, language }: Shown): void {
  chart.applyOptions(optionsFor(colours, language));
  parts.candles.applyOptions({
    upColor: colours.up,
    downColor: colours.down,
    borderUpColor: colours.up,
    borderDownColor: colours.down,
    wickUpColor: colours.up,
    wickDownColor: colours.down,
  });
  parts.fan.applyOptions({ band: colours.band, line: colours.accent } as never);
  parts.candles.setData(bars.map((bar) => ({ time: bar.trade_date, ...adjusted(bar) })));
  parts.volume.setData(bars.map((bar) => ({ time: bar.trade_date, value: bar.volume, color: colours.line })));
  parts.fan.setData(fan);
  parts.markers.setMarkers(
    days.map((day) => ({
      id: String(day.id),
      time: day.time,
      position: "aboveBar",
      shape: "circle",
      color: colours.accent,
      size: Math.min(2, 0.5 + day.count / 4),
    })),
  );
}

/** Prices before a split on today's scale. */
function adjusted({ adjust_factor: factor, ...bar }: Schemas["BarItem"]) {
  return {
    open: bar.open_krw * factor,
    high: bar.high_krw * factor,
    low: bar.low_krw * factor,
    close: bar.regular_close_krw * factor,
  };
}

const PIXELS_A_BAR = 11;

/** As many of the newest sessions as can be told apart, and the whole fan. */
function showNewest(chart: IChartApi, width: number, { bars, fan }: Shown): void {
  const sessions = bars.length + Math.max(0, fan.length - 1);
  chart.timeScale().setVisibleLogicalRange({ from: sessions - width / PIXELS_A_BAR, to: sessions });
}

interface Reactions {
  /** A day under the pointer; null when there is none. */
  onPoint: (day: string | null) => void;
  /** A click on the dot of a day with news. */
  onNews: (id: string) => void;
}

export function drawChart(holder: HTMLElement, { onPoint, onNews }: Reactions): Drawn {
  const chart = createChart(holder, {
    autoSize: true,
    handleScroll: { vertTouchDrag: false },
    layout: { attributionLogo: false },
  });
  const parts = addParts(chart);
  let isFirst = true;
  chart.subscribeCrosshairMove(({ time }) => onPoint(typeof time === "string" ? time : null));
  chart.subscribeClick(({ hoveredInfo }) => {
    if (typeof hoveredInfo?.objectId === "string") onNews(hoveredInfo.objectId);
  });
  return {
    chart,
    show: (shown) => {
      showIn(chart, parts, shown);
      // Only once: a later refresh must not undo the reader's zoom.
      if (isFirst) showNewest(chart, holder.clientWidth, shown);
      isFirst = false;
    },
  };
}
