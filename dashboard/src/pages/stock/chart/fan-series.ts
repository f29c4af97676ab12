// Custom series of lightweight-charts for the forecast fan: an 80 % and a 50 % band with a dashed median.

import type {
  CustomData,
  CustomSeriesOptions,
  CustomSeriesPricePlotValues,
  ICustomSeriesPaneRenderer,
  ICustomSeriesPaneView,
  PaneRendererCustomData,
  Time,
} from "lightweight-charts";
import { customSeriesDefaultOptions } from "lightweight-charts";

export interface FanData extends CustomData {
  low80: number;
  low50: number;
  median: number;
  high50: number;
  high80: number;
}

export interface FanOptions extends CustomSeriesOptions {
  band: string;
  line: string;
}

type Target = Parameters<ICustomSeriesPaneRenderer["draw"]>[0];
type ToCoordinate = Parameters<ICustomSeriesPaneRenderer["draw"]>[1];
interface Point {
  x: number;
  data: FanData;
}

/** Points of the fan with their places (px). The library keeps the places of visible bars only; bars stand at equal
 *  distances, so one visible bar gives the place of all, and a band is drawn to the edge that cuts it. */
export function placesOf({ bars, barSpacing, visibleRange }: PaneRendererCustomData<Time, FanData>): Point[] {
  const seen = visibleRange && visibleRange.from < visibleRange.to ? bars[visibleRange.from] : undefined;
  if (!seen) return [];
  return bars.map((bar) => ({ x: seen.x + (bar.time - seen.time) * barSpacing, data: bar.originalData }));
}

class FanRenderer implements ICustomSeriesPaneRenderer {
  private points: Point[] = [];
  private options: FanOptions | null = null;

  update(data: PaneRendererCustomData<Time, FanData>, options: FanOptions): void {
    this.points = placesOf(data);
    this.options = options;
  }

  draw(target: Target, toCoordinate: ToCoordinate): void {
    const options = this.options;
    if (!options || this.points.length < 2) return;
    target.useMediaCoordinateSpace(({ context }) => {
      const line = (key: "low80" | "low50" | "median" | "high50" | "high80") =>
        this.points.map(({ x, data }) => [x, toCoordinate(data[key]) ?? 0] as const);
      const band = (low: (readonly [number, number])[], high: (readonly [number, number])[]) => {
        context.beginPath();
        [...low, ...high.reverse()].forEach(([x, y], index) => (index ? context.lineTo(x, y) : context.moveTo(x, y)));
        context.closePath();
        context.fill();
      };
      context.fillStyle = options.band;
      band(line("low80"), line("high80"));
      band(line("low50"), line("high50"));
      context.strokeStyle = options.line;
      context.lineWidth = 1.5;
      context.setLineDash([5, 4]);
      context.beginPath();
      line("median").forEach(([x, y], index) => (index ? context.lineTo(x, y) : context.moveTo(x, y)));
      context.stroke();
      context.setLineDash([]);
    });
  }
}

export class Fan implements ICustomSeriesPaneView<Time, FanData, FanOptions> {
  private readonly drawer = new FanRenderer();

  renderer(): ICustomSeriesPaneRenderer {
    return this.drawer;
  }

  update(data: PaneRendererCustomData<Time, FanData>, options: FanOptions): void {
    this.drawer.update(data, options);
  }

  priceValueBuilder(row: FanData): CustomSeriesPricePlotValues {
    return [row.low80, row.high80, row.median];
  }

  isWhitespace(data: FanData | { time: Time }): data is { time: Time } {
    return !("median" in data);
  }

  defaultOptions(): FanOptions {
    return { ...customSeriesDefaultOptions, band: "transparent", line: "gray" };
  }
}
