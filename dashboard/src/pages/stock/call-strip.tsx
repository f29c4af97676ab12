// Past calls side by side, oldest first: a bar for the adjusted return, a dot for whether the price ended in the 80% band.

import type { Schemas } from "../../api/client";
import { signOf } from "../../components/values";
import { change, krw } from "../../format";
import { useWords, type Words } from "../../i18n/use-words";
import { baseRateOf, wordOf } from "../../views/word";
import { summaryOf } from "../../views/verdict";

const STEP = 14;
const HEIGHT = 84;
const MIDDLE = 34;
const REACH = 30;

type Call = Schemas["PredictionRow"];

function Column({ call, x, max }: { call: Call; x: number; max: number }) {
  const words = useWords();
  const value = call.adjusted_return ?? 0;
  const length = Math.max(1, (Math.abs(value) / max) * REACH);
  return (
    <g>
      <title>{outcomeWords(call, words)}</title>
      <rect class={`strip-${signOf(value)}`} x={x} y={value > 0 ? MIDDLE - length : MIDDLE} width={9} height={length} />
      {call.in_band != null && <circle class={call.in_band ? "strip-in" : "strip-out"} cx={x + 4.5} cy={76} r={3.5} />}
    </g>
  );
}

/** "2026-11-24: leans outperform → 134,700, outside 131,000–134,000; vs market +0.15%". */
export function outcomeWords(call: Call, { t, v, language }: Words): string {
  const said = `${call.trade_date}: ${v("word", wordOf(call, baseRateOf(call)))} → `;
  const moved = `${t("call.return")} ${change(call.adjusted_return)}`;
  if (call.in_band == null || call.exit_adjusted_krw == null) return said + moved;
  const band = `${krw(call.quantiles_krw[1], language)}–${krw(call.quantiles_krw[5], language)}`;
  const where = t(call.in_band ? "call.inBand" : "call.outOfBand");
  return `${said}${krw(call.exit_adjusted_krw, language)} (${band} ${where}) · ${moved}`;
}

/** How often the band held, and how often an opinion was right: that none was given where that is so. */
export function summaryWords(judged: readonly Call[], t: Words["t"]): string {
  const found = summaryOf(judged);
  const opinions = found.opinions
    ? t("call.opinions", { opinions: found.opinions, right: found.right })
    : t("call.noOpinion", { judged: found.judged });
  return found.banded ? `${t("call.band", { inside: found.inside, banded: found.banded })} · ${opinions}` : opinions;
}

export function CallStrip({ newestFirst }: { newestFirst: Call[] }) {
  const { t } = useWords();
  const judged = newestFirst.filter((call) => call.outcome_state === "final").reverse();
  if (judged.length === 0) return null;
  const max = Math.max(...judged.map((call) => Math.abs(call.adjusted_return ?? 0)), 1e-9);
  const width = Math.max(1, judged.length) * STEP;
  const words = summaryWords(judged, t);
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
