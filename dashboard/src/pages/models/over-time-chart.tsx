import { Table } from "../../components/table";
import { count, percent } from "../../format";
import { useWords } from "../../i18n/use-words";
import { rangeOf, type DayPoint } from "./view";

const WIDTH = 480;
const HEIGHT = 300;
const EDGE = 40;

function tenths(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

function OverTimeTable({ points }: { points: DayPoint[] }) {
  const { t } = useWords();
  const head = [t("bar.date"), t("metric.side"), "n", t("models.running"), t("metric.baseline")];
  const rows = [...points].reverse().map((point) => ({
    key: point.date,
    cells: [
      point.date,
      percent(point.value),
      count(point.n),
      `${percent(point.running)} (n = ${count(point.running_n)})`,
      percent(point.baseline),
    ],
  }));
  return <Table label={t("models.overTime")} head={head} rows={rows} isDense />;
}

/** Forecasts on the right side of one half over time: a dot per day, and the cumulative share as a line. */
export function OverTime({ points, asTable }: { points: DayPoint[]; asTable: boolean }) {
  const { t } = useWords();
  if (asTable) return <OverTimeTable points={points} />;
  const [low, high] = rangeOf(points.flatMap((point) => [point.value, point.running]));
  const x = (index: number) => EDGE + (index / Math.max(1, points.length - 1)) * (WIDTH - EDGE - 12);
  const y = (value: number) => HEIGHT - 28 - ((value - low) / (high - low || 1)) * (HEIGHT - 44);
  const path = points
    .map((point, index) => `${index ? "L" : "M"}${tenths(x(index))} ${tenths(y(point.running))}`)
    .join("");
  const last = points.at(-1);
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      class="plot"
      role="img"
      aria-label={t("models.overTime.label", { n: points.length, running: percent(last?.running) })}
    >
      {[low, 0.5, high]
        .filter((tick) => tick >= low && tick <= high)
        .map((tick) => (
          <>
            <line class="gridline" x1={EDGE} x2={WIDTH - 12} y1={y(tick)} y2={y(tick)} />
            <text class="axis" x={EDGE - 6} y={y(tick) + 4} text-anchor="end">
              {percent(tick, 0)}
            </text>
          </>
        ))}
      {points.map((point, index) => (
        <circle class="day" cx={x(index)} cy={y(point.value)} r={2.5}>
          <title>{`${point.date}: ${percent(point.value)}, n = ${point.n}`}</title>
        </circle>
      ))}
      <path class="running" d={path} />
      <text class="axis" x={EDGE} y={HEIGHT - 8}>
        {points[0]?.date}
      </text>
      <text class="axis" x={WIDTH - 12} y={HEIGHT - 8} text-anchor="end">
        {last?.date}
      </text>
    </svg>
  );
}
