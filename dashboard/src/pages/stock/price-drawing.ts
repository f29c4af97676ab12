// Draws the price chart with lightweight-charts. Its logo is off because it inserts a <style>, which the content
// security policy forbids; the page's footer names and links the library instead, as its licence asks.

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

export interface ChartData {
  bars: Schemas["BarItem"][];
  days: NewsDay[];
  fan: FanPoint[];
  colours: Colours;
  language: Language;
}

export interface ChartHandle {
  remove: () => void;
  /** The chart as it is seen, in other colours. */
  picture: (colours: Colours) => HTMLCanvasElement | null;
  update: (data: ChartData) => void;
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

/** The colours of the light theme. */
export function coloursOfPaper(): Colours {
  const { dataset } = document.documentElement;
  const { theme } = dataset;
  dataset["theme"] = "light";
  const colours = coloursOf();
  if (theme) dataset["theme"] = theme;
  return colours;
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

interface ChartSeries {
  candles: ISeriesApi<"Candlestick">;
  volume: ISeriesApi<"Histogram">;
  fan: ISeriesApi<"Custom">;
  markers: ISeriesMarkersPluginApi<Time>;
}

function addSeriesTo(chart: IChartApi): ChartSeries {
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

function draw(chart: IChartApi, series: ChartSeries, { bars, days, fan, colours, language }: ChartData): void {
  chart.applyOptions(optionsFor(colours, language));
  series.candles.applyOptions({
    upColor: colours.up,
    downColor: colours.down,
    borderUpColor: colours.up,
    borderDownColor: colours.down,
    wickUpColor: colours.up,
    wickDownColor: colours.down,
  });
  series.fan.applyOptions({ band: colours.band, line: colours.accent } as never);
  series.candles.setData(bars.map((bar) => ({ time: bar.trade_date, ...adjusted(bar) })));
  series.volume.setData(bars.map((bar) => ({ time: bar.trade_date, value: bar.volume, color: colours.line })));
  series.fan.setData(fan);
  series.markers.setMarkers(
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

/** Prices adjusted for splits; a day without a trade is a line at the close that it carries. */
function adjusted({ adjust_factor: factor, ...bar }: Schemas["BarItem"]) {
  const close = bar.regular_close_krw;
  return {
    open: (bar.open_krw ?? close) * factor,
    high: (bar.high_krw ?? close) * factor,
    low: (bar.low_krw ?? close) * factor,
    close: close * factor,
  };
}

const PIXELS_PER_BAR = 11;

/** Zooms to as many of the newest sessions as fit, and the whole fan. */
function showNewest(chart: IChartApi, width: number, { bars, fan }: ChartData): void {
  const sessions = bars.length + Math.max(0, fan.length - 1);
  chart.timeScale().setVisibleLogicalRange({ from: sessions - width / PIXELS_PER_BAR, to: sessions });
}

/** The wheel scrolls the page until the chart is clicked, and again after a click beside it or Escape. */
function takeWheelAfterClick(chart: IChartApi, container: HTMLElement): () => void {
  const take = (isTaken: boolean) => {
    chart.applyOptions({ handleScroll: { mouseWheel: isTaken }, handleScale: { mouseWheel: isTaken } });
    container.toggleAttribute("data-wheel", isTaken);
  };
  const onPointerDown = ({ target, pointerType }: PointerEvent) =>
    take(pointerType === "mouse" && target instanceof Node && container.contains(target));
  const onKeyDown = (event: KeyboardEvent) => event.key === "Escape" && take(false);
  take(false);
  addEventListener("pointerdown", onPointerDown);
  addEventListener("keydown", onKeyDown);
  return () => {
    removeEventListener("pointerdown", onPointerDown);
    removeEventListener("keydown", onKeyDown);
  };
}

interface ChartEvents {
  /** The day under the pointer changed; null when there is none. */
  onPoint: (day: string | null) => void;
  /** The marker of a day with news was clicked; `id` is the newest item. */
  onNews: (id: string) => void;
}

export function drawChart(container: HTMLElement, { onPoint, onNews }: ChartEvents): ChartHandle {
  const chart = createChart(container, {
    autoSize: true,
    handleScroll: { vertTouchDrag: false },
    layout: { attributionLogo: false },
  });
  const releaseWheel = takeWheelAfterClick(chart, container);
  const series = addSeriesTo(chart);
  let shown: ChartData | null = null;
  chart.subscribeCrosshairMove(({ time }) => onPoint(typeof time === "string" ? time : null));
  chart.subscribeClick(({ hoveredInfo }) => {
    if (typeof hoveredInfo?.objectId === "string") onNews(hoveredInfo.objectId);
  });
  return {
    remove: () => {
      releaseWheel();
      chart.remove();
    },
    picture: (colours) => {
      if (!shown) return null;
      draw(chart, series, { ...shown, colours });
      const canvas = chart.takeScreenshot();
      draw(chart, series, shown);
      return canvas;
    },
    update: (data) => {
      draw(chart, series, data);
      // Only once: a later refresh must not undo the reader's zoom.
      if (!shown) showNewest(chart, container.clientWidth, data);
      shown = data;
    },
  };
}
