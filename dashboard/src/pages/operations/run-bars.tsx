import type { Schemas } from "../../api/client";
import { duration } from "../../format";
import { useWords } from "../../i18n/use-words";
import { heightOf, toneOf } from "../../views/runs";

const STEP = 12;
const HEIGHT = 48;

/** The newest runs as bars, oldest first: the height is the duration, the colour the state. */
export function RunBars({ newestFirst }: { newestFirst: Schemas["RunItem"][] }) {
  const { t, v } = useWords();
  const width = newestFirst.length * STEP;
  return (
    <div class="wide" tabIndex={0} role="group" aria-label={t("run.bars")}>
      <svg
        class="run-bars"
        viewBox={`0 0 ${width} ${HEIGHT}`}
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={t("run.bars")}
      >
        {[...newestFirst].reverse().map((run, index) => {
          const height = heightOf(run, HEIGHT);
          const words = `${v("job", run.kind)}: ${v("run", run.state)} ${duration(run.started_at, run.finished_at)}`;
          return (
            <rect class={`bar-${toneOf(run.state)}`} x={index * STEP + 1} y={HEIGHT - height} width={9} height={height}>
              <title>{words}</title>
            </rect>
          );
        })}
      </svg>
    </div>
  );
}
