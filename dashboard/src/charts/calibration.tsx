import { Table } from "../components/parts";
import { count, percent } from "../format";
import { useWords } from "../i18n/use-words";
import { rangeOf, type Bin } from "../views/models";

const SIZE = 320;
const EDGE = 40;

/** What was said against what came true; the size of a dot and its label tell how many calls it holds. */
export function Calibration({ bins, asTable }: { bins: Bin[]; asTable: boolean }) {
  const { t } = useWords();
  if (asTable) {
    return (
      <Table label={t("models.calibration")} head={[t("models.said"), t("models.came"), t("models.interval"), "n"]}>
        {bins.map((bin) => (
          <tr>
            <th scope="row" class="number">
              {percent(bin.mean_p)}
            </th>
            <td class="number">{percent(bin.mean_y)}</td>
            <td class="number">
              {percent(bin.low)}–{percent(bin.high)}
            </td>
            <td class="number">{count(bin.n)}</td>
          </tr>
        ))}
      </Table>
    );
  }
  const [low, high] = rangeOf(bins.flatMap((bin) => [bin.mean_p, bin.mean_y, bin.low, bin.high]));
  const scale = (value: number) =>
    ((Math.min(high, Math.max(low, value)) - low) / (high - low || 1)) * (SIZE - 2 * EDGE);
  const x = (value: number) => EDGE + scale(value);
  const y = (value: number) => SIZE - EDGE - scale(value);
  const most = Math.max(...bins.map((bin) => bin.n));
  const ticks = [low, (low + high) / 2, high];
  return (
    <svg
      viewBox={`0 0 ${SIZE} ${SIZE}`}
      class="plot"
      role="img"
      aria-label={t("models.calibration.label", { n: bins.length })}
    >
      <line class="diagonal" x1={x(low)} y1={y(low)} x2={x(high)} y2={y(high)} />
      {ticks.map((tick) => (
        <>
          <text class="axis" x={x(tick)} y={SIZE - EDGE + 16} text-anchor="middle">
            {percent(tick, 0)}
          </text>
          <text class="axis" x={EDGE - 6} y={y(tick) + 4} text-anchor="end">
            {percent(tick, 0)}
          </text>
        </>
      ))}
      <text class="axis" x={SIZE / 2} y={SIZE - 6} text-anchor="middle">
        {t("models.said")}
      </text>
      <text class="axis" x={12} y={14}>
        {t("models.came")}
      </text>
      {bins.map((bin) => (
        <g>
          <line class="whisker" x1={x(bin.mean_p)} x2={x(bin.mean_p)} y1={y(bin.low)} y2={y(bin.high)} />
          <circle class="dot" cx={x(bin.mean_p)} cy={y(bin.mean_y)} r={3 + 6 * Math.sqrt(bin.n / most)}>
            <title>{`${percent(bin.mean_p)} → ${percent(bin.mean_y)}, n = ${bin.n}`}</title>
          </circle>
          <text class="axis" x={x(bin.mean_p) + 8} y={y(bin.mean_y) - 8}>
            {count(bin.n)}
          </text>
        </g>
      ))}
    </svg>
  );
}
