// The leaderboard as a picture: a dot for each model's Brier skill, a whisker for its interval, a line where skill begins.

import type { Schemas } from "../../api/client";
import { decimal } from "../../format";
import { useWords } from "../../i18n/use-words";

type Standing = Schemas["Standing"];

const WIDTH = 360;
const LEFT = 128;
const RIGHT = 12;
const ROW = 23;
const FOOT = 38;

/** Models with a skill and its interval; the range holds all of them and zero. */
export function plotOf(standings: readonly Standing[]) {
  const rows = standings.flatMap(({ model, is_shown, is_benchmark, brier_skill: skill }) =>
    skill?.value == null
      ? []
      : [{ model, is_shown, is_benchmark, value: skill.value, low: skill.low, high: skill.high }],
  );
  const ends = rows.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]);
  return { rows, low: Math.min(0, ...ends), high: Math.max(0, ...ends) };
}

export function SkillPlot({ standings }: { standings: readonly Standing[] }) {
  const { t, v } = useWords();
  const { rows, low, high } = plotOf(standings);
  if (rows.length === 0 || low === high) return null;
  const height = rows.length * ROW + FOOT;
  const x = (value: number) => LEFT + ((value - low) / (high - low)) * (WIDTH - LEFT - RIGHT);
  return (
    <div class="wide" tabIndex={0} role="group" aria-label={t("models.skill")}>
      <svg
        class="plot skill-plot"
        viewBox={`0 0 ${WIDTH} ${height}`}
        role="img"
        aria-label={t("belief.plot", { n: rows.length })}
      >
        <line class="diagonal" x1={x(0)} x2={x(0)} y1={0} y2={height - FOOT} />
        {rows.map(({ model, value, low: from, high: to, is_shown, is_benchmark }, index) => {
          const y = index * ROW + ROW / 2;
          return (
            <g key={model} class={is_benchmark ? "skill-benchmark" : is_shown ? "skill-shown" : "skill-model"}>
              <title>{`${v("model", model)}: ${decimal(value, 4)} [${decimal(from, 4)} … ${decimal(to, 4)}]`}</title>
              <text class="axis" x={LEFT - 10} y={y + 4} text-anchor="end">
                {v("model", model)}
              </text>
              {from != null && to != null && <line class="whisker" x1={x(from)} x2={x(to)} y1={y} y2={y} />}
              <circle class="dot" cx={x(value)} cy={y} r={4.5} />
            </g>
          );
        })}
        <text class="axis" x={x(0)} y={height - 22} text-anchor="middle">
          {t("metric.baseline")}
        </text>
        <text class="axis" x={WIDTH - RIGHT} y={height - 6} text-anchor="end">
          {t("belief.better")} →
        </text>
      </svg>
    </div>
  );
}
