// The closes of four weeks as a small line, and behind it those of its index from the same start.

import { change } from "../../format";
import { useWords } from "../../i18n/use-words";
import { linePoints } from "../../views/watchlist";

const WIDTH = 72;
const HEIGHT = 24;

/** Values as parts of the first one. */
function fromStart(values: readonly number[]): number[] {
  const [first = 1] = values;
  return values.map((value) => value / first - 1);
}

export function Sparkline({ closes, index }: { closes: number[]; index: number[] }) {
  const { t } = useWords();
  const own = fromStart(closes);
  const market = fromStart(index);
  const all = [...own, ...market];
  const range: [number, number] = [Math.min(...all), Math.max(...all)];
  const words = t("row.line.label", { own: change(own.at(-1)), index: change(market.at(-1)) });
  return (
    <svg
      class="sparkline"
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 -2 ${WIDTH} ${HEIGHT + 4}`}
      role="img"
      aria-label={words}
    >
      <title>{words}</title>
      <polyline class="sparkline-index" points={linePoints(market, range, WIDTH, HEIGHT)} />
      <polyline
        class={`sparkline-own ${(own.at(-1) ?? 0) < 0 ? "down" : "up"}`}
        points={linePoints(own, range, WIDTH, HEIGHT)}
      />
    </svg>
  );
}
