import { useState } from "preact/hooks";

import type { Schemas } from "../../api/client";
import { POLL_SLOW_MS, usePages } from "../../api/queries";
import { useShownModel } from "../../api/shown-model";
import { CallStrip } from "./call-strip";
import { Select } from "../../components/forms";
import { Card, Disclaimer } from "../../components/card";
import { Older, UnknownFilter } from "../../components/lists";
import { Table } from "../../components/table";
import { Change, Moment, WordMark } from "../../components/values";
import { Loaded } from "../../components/states";
import { krw, percent } from "../../format";
import { useWords, type Words } from "../../i18n/use-words";
import { hrefOf, unknownFilters, useFilter } from "../../route";
import { baseRateOf, wordOf } from "../../views/word";
import { verdictOf } from "../../views/verdict";

type Row = Schemas["PredictionRow"];
const MODES = ["live", "backtest"] as const;
type Mode = (typeof MODES)[number];
const MARKS = { right: "✔ ", wrong: "✘ ", even: "", hold: "", pending: "… ", void: "∅ " };
const IN_STRIP = 30;
const IN_TABLE = 8;

function cellsOf(call: Row, { t, language }: Words) {
  const verdict = verdictOf(call);
  const inBand = call.in_band == null ? "" : t(call.in_band ? "call.inBand" : "call.outOfBand");
  return [
    <a href={hrefOf("call", call.id)}>
      <Moment at={call.asof} />
    </a>,
    <>
      {percent(call.p_up)} <WordMark word={wordOf(call, baseRateOf(call))} />
      <span class="quiet block">
        {krw(call.quantiles_krw[1], language)}–{krw(call.quantiles_krw[5], language)}
      </span>
    </>,
    <>
      {krw(call.exit_adjusted_krw, language)} <span class="quiet">{inBand}</span>
      {call.adjusted_return !== null && (
        <span class="quiet block">
          {t("call.return")} <Change value={call.adjusted_return} />
        </span>
      )}
    </>,
    <span class={verdict}>{`${MARKS[verdict]}${t(`verdict.${verdict}`)}`}</span>,
  ];
}

function useCalls(code: string, mode: Mode) {
  const model = useShownModel();
  const parameters = { stock_code: code, model, horizon: 1, mode, limit: IN_STRIP };
  return usePages("/api/prediction", parameters, { every_ms: POLL_SLOW_MS, enabled: model !== undefined });
}

/** Past calls of the stock with their outcomes; live and backtest calls are never in one table. */
export function CallsCard({ code }: { code: string }) {
  const words = useWords();
  const { t, v } = words;
  const [filter, change] = useFilter();
  const [length, setLength] = useState(IN_TABLE);
  const unknown = unknownFilters(filter, { calls: MODES });
  const chosen = MODES.find((mode) => mode === filter["calls"]);
  const live = useCalls(code, "live");
  // A new installation has no live outcome yet; the backtest is shown then, under its name.
  const isYoung = live.data !== undefined && !live.data.some((call) => call.outcome_state === "final");
  const mode = chosen ?? (isYoung ? "backtest" : "live");
  const replay = useCalls(code, "backtest");
  const query = mode === "live" ? live : replay;
  const head = [t("forecast.asof"), t("call.said"), t("call.outcome"), t("call.verdict")];
  const choice = (
    <Select
      label={t("metric.mode")}
      value={mode}
      options={MODES.map((name) => [name, v("mode", name)])}
      onChange={(name) => change({ calls: name })}
    />
  );
  return (
    <Card title={t("call.title")} note={t("call.note")} actions={choice}>
      {unknown ? (
        <UnknownFilter href={hrefOf("stock", code)} filters={unknown} />
      ) : (
        <Loaded query={query} height={480} isEmpty={(calls) => calls.length === 0} empty={t("call.empty")}>
          {(calls) => (
            <>
              <CallStrip newestFirst={calls.slice(0, IN_STRIP)} />
              <Table
                label={t("call.title")}
                head={head}
                rows={calls.slice(0, length).map((call) => ({ key: call.id, cells: cellsOf(call, words) }))}
              />
              <Older list={query} shown={length} onOlder={() => setLength(length + IN_STRIP)} />
            </>
          )}
        </Loaded>
      )}
      <Disclaimer />
    </Card>
  );
}
