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
  type IPriceLine,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  type Time,
} from "lightweight-charts";

import type { Language } from "../../../format";
import { Fan } from "./fan-series";
import type { Candle, FanPoint, NewsDay, Sign } from "../view";

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
  candles: Candle[];
  days: NewsDay[];
  fan: FanPoint[];
  /** An index in the prices of the stock; empty where none is wanted. */
  index: { time: string; value: number }[];
  /** The last trade. */
  live: number | null;
  /** Of the newest ones those to show; null for as many as fit. */
  sessions: number | null;
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
    timeScale: { borderColor: colours.line, timeVisible: true, secondsVisible: false },
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
  index: ISeriesApi<"Custom">;
  live: IPriceLine | null;
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
  const addFan = () =>
    chart.addCustomSeries(new Fan(), {
      lastValueVisible: false,
      priceLineVisible: false,
    }) as unknown as ISeriesApi<"Custom">;
  const fan = addFan();
  // A fan that never opens: the library's series of lines would be another kilobyte.
  const index = addFan();
  return { candles, volume, fan, index, live: null, markers: createSeriesMarkers(candles) };
}

/** What is good or bad for the stock has its side's colour and an arrow; all else a dot. */
const MARKERS: Record<Sign, { shape: "arrowUp" | "arrowDown" | "circle"; colour: "up" | "down" | "accent" }> = {
  up: { shape: "arrowUp", colour: "up" },
  down: { shape: "arrowDown", colour: "down" },
  none: { shape: "circle", colour: "accent" },
};

function drawLive(series: ChartSeries, live: ChartData["live"], color: string): void {
  if (series.live) series.candles.removePriceLine(series.live);
  series.live =
    live === null ? null : series.candles.createPriceLine({ price: live, color, lineWidth: 1, axisLabelVisible: true });
}

function draw(chart: IChartApi, series: ChartSeries, data: ChartData): void {
  const { candles, days, fan, index, live, colours, language } = data;
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
  series.index.applyOptions({ band: "transparent", line: colours.text } as never);
  series.candles.setData(candles.map((candle) => ({ ...candle, time: candle.time as Time })));
  series.volume.setData(
    candles.map(({ time, volume }) => ({ time: time as Time, value: volume, color: colours.line })),
  );
  series.fan.setData(fan);
  series.index.setData(
    index.map(({ time, value: v }) => ({ time, low80: v, low50: v, median: v, high50: v, high80: v })),
  );
  drawLive(series, live, colours.accent);
  series.markers.setMarkers(
    days.map((day) => ({
      id: String(day.id),
      time: day.time,
      position: "aboveBar",
      shape: MARKERS[day.sign].shape,
      color: colours[MARKERS[day.sign].colour],
      size: Math.min(2, 0.5 + day.count / 4),
    })),
  );
}

const PIXELS_PER_BAR = 11;
/** A refresh brings fewer new candles than that. */
const REFRESHED = 5;

/** Zooms to the sessions that are wanted, else to as many of the newest as fit, and the whole fan. */
function showNewest(chart: IChartApi, width: number, { candles, fan, sessions }: ChartData): void {
  const to = candles.length + Math.max(0, fan.length - 1);
  const from = sessions === null ? to - width / PIXELS_PER_BAR : Math.max(0, candles.length - sessions);
  chart.timeScale().setVisibleLogicalRange({ from, to });
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
  /** The day or minute under the pointer changed; null when there is none. */
  onPoint: (time: Candle["time"] | null) => void;
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
  chart.subscribeCrosshairMove(({ time }) =>
    onPoint(typeof time === "string" || typeof time === "number" ? time : null),
  );
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
      // Only once a period: a later refresh must not undo the reader's zoom. History that comes later is shown.
      const hasMore = shown !== null && data.candles.length > shown.candles.length + REFRESHED;
      if (shown?.sessions !== data.sessions || hasMore) showNewest(chart, container.clientWidth, data);
      shown = data;
    },
  };
}
