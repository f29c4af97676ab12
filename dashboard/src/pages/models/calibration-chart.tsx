import { Table } from "../../components/table";
import { count, percent } from "../../format";
import { useWords } from "../../i18n/use-words";
import type { Key } from "../../i18n/words";
import type { Schemas } from "../../api/client";
import { rangeOf } from "./view";

type Bin = Schemas["Bin"];

// A square, so that the line of what is honest stands at 45 degrees.
const SIDE = 260;
const LEFT = 44;
const RIGHT = 16;
const TOP = 26;
const WIDTH = LEFT + SIDE + RIGHT;
const BOTTOM = TOP + SIDE;
const COUNTS_FROM = BOTTOM + 58;
const HEIGHT = COUNTS_FROM + 8;
const COUNTS_HEIGHT = 26;
const LEAST_WIDTH = 0.04;

type Scale = (value: number) => number;

/** Bars under the curve: number of forecasts in each bin, because a point of ten says less than one of a thousand. */
function Counts({ bins, x }: { bins: Bin[]; x: Scale }) {
  const most = Math.max(...bins.map((bin) => bin.n));
  return (
    <>
      {bins.map((bin) => {
        const height = Math.max(1, (bin.n / most) * COUNTS_HEIGHT);
        return <rect class="bar-quiet" x={x(bin.mean_p) - 4} y={COUNTS_FROM - height} width={8} height={height} />;
      })}
    </>
  );
}

function Point({ bin, x, y }: { bin: Bin; x: Scale; y: Scale }) {
  const words = `${percent(bin.mean_p)} → ${percent(bin.mean_y)} [${percent(bin.low)}–${percent(bin.high)}], n = ${bin.n}`;
  return (
    <g>
      <title>{words}</title>
      <line class="whisker" x1={x(bin.mean_p)} x2={x(bin.mean_p)} y1={y(bin.low)} y2={y(bin.high)} />
      <circle class="dot" cx={x(bin.mean_p)} cy={y(bin.mean_y)} r={4} />
    </g>
  );
}

/** The range, at least LEAST_WIDTH wide, so that noise does not look like a curve. */
function widened([low, high]: [number, number]): [number, number] {
  const missing = Math.max(0, LEAST_WIDTH - (high - low)) / 2;
  return [low - missing, high + missing];
}

/** Round shares inside the range, at most six. */
export function ticksOf(low: number, high: number): number[] {
  const step = [0.01, 0.02, 0.05, 0.1, 0.2].find((size) => (high - low) / size <= 6) ?? 0.25;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

function Axes({ ticks, x, y }: { ticks: number[]; x: Scale; y: Scale }) {
  const { t } = useWords();
  return (
    <>
      {ticks.map((tick) => (
        <>
          <line class="gridline" x1={LEFT} x2={LEFT + SIDE} y1={y(tick)} y2={y(tick)} />
          <text class="axis" x={LEFT - 6} y={y(tick) + 4} text-anchor="end">
            {percent(tick, 0)}
          </text>
          <text class="axis" x={x(tick)} y={BOTTOM + 16} text-anchor="middle">
            {percent(tick, 0)}
          </text>
        </>
      ))}
      <text class="axis" x={LEFT + SIDE} y={BOTTOM + 30} text-anchor="end">
        {t("models.said")} →
      </text>
      <text class="axis" x={0} y={12}>
        ↑ {t("models.came")}
      </text>
      <text class="axis" x={LEFT - 6} y={COUNTS_FROM} text-anchor="end">
        n
      </text>
    </>
  );
}

function CalibrationTable({ bins }: { bins: Bin[] }) {
  const { t } = useWords();
  const head = [t("models.said"), t("models.came"), t("models.interval"), "n"];
  const rows = bins.map((bin, index) => ({
    key: index,
    cells: [percent(bin.mean_p, 2), percent(bin.mean_y), `${percent(bin.low)}–${percent(bin.high)}`, count(bin.n)],
  }));
  return <Table label={t("models.calibration")} head={head} rows={rows} isDense />;
}

interface Props {
  bins: Bin[];
  asTable: boolean;
  /** What the axes are, with the number of bins as {n}. */
  label?: Key;
}

/** Reliability diagram: forecast probability against observed frequency, both axes on one range; dashed where equal. */
export function Calibration({ bins, asTable, label = "models.calibration.label" }: Props) {
  const { t } = useWords();
  if (asTable) return <CalibrationTable bins={bins} />;
  const [low, high] = widened(rangeOf(bins.flatMap((bin) => [bin.mean_p, bin.mean_y, bin.low, bin.high])));
  const x: Scale = (value) => LEFT + ((value - low) / (high - low)) * SIDE;
  const y: Scale = (value) => BOTTOM - ((value - low) / (high - low)) * SIDE;
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} class="plot" role="img" aria-label={t(label, { n: bins.length })}>
      <Axes ticks={ticksOf(low, high)} x={x} y={y} />
      <line class="diagonal" x1={x(low)} y1={y(low)} x2={x(high)} y2={y(high)} />
      {bins.map((bin) => (
        <Point bin={bin} x={x} y={y} />
      ))}
      <Counts bins={bins} x={x} />
    </svg>
  );
}
