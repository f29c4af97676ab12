// Past calls side by side, oldest first: a bar for the adjusted return, a dot for whether the price ended in the 80 % band.

import type { Schemas } from "../../api/client";
import { signOf } from "../../components/values";
import { change } from "../../format";
import { useWords } from "../../i18n/use-words";
import { summaryOf } from "./verdict";

const STEP = 14;
const HEIGHT = 84;
const MIDDLE = 34;
const REACH = 30;

type Call = Schemas["PredictionRow"];

function Column({ call, x, max }: { call: Call; x: number; max: number }) {
  const { t, v } = useWords();
  const value = call.adjusted_return ?? 0;
  const length = Math.max(1, (Math.abs(value) / max) * REACH);
  const band = call.in_band == null ? "" : t(call.in_band ? "call.inBand" : "call.outOfBand");
  return (
    <g>
      <title>{`${call.trade_date}: ${v("direction", call.direction)} → ${change(call.adjusted_return)} ${band}`}</title>
      <rect class={`strip-${signOf(value)}`} x={x} y={value > 0 ? MIDDLE - length : MIDDLE} width={9} height={length} />
      {call.in_band != null && <circle class={call.in_band ? "strip-in" : "strip-out"} cx={x + 4.5} cy={76} r={3.5} />}
    </g>
  );
}

export function CallStrip({ newestFirst }: { newestFirst: Call[] }) {
  const { t } = useWords();
  const judged = newestFirst.filter((call) => call.outcome_state === "final").reverse();
  if (judged.length === 0) return null;
  const max = Math.max(...judged.map((call) => Math.abs(call.adjusted_return ?? 0)), 1e-9);
  const width = Math.max(1, judged.length) * STEP;
  const words = t("call.summary", summaryOf(judged));
  return (
    <figure class="strip-of-calls">
      <div class="wide" tabIndex={0} role="group" aria-label={t("call.strip")}>
        <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={words}>
          <line class="gridline" x1={0} x2={width} y1={MIDDLE} y2={MIDDLE} />
          {judged.map((call, index) => (
            <Column key={call.id} call={call} x={index * STEP + 2} max={max} />
          ))}
        </svg>
      </div>
      <figcaption class="quiet">{words}</figcaption>
    </figure>
  );
}
