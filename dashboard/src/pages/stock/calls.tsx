import { useState } from "preact/hooks";

import type { Schemas } from "../../api/client";
import { CallStrip } from "./call-strip";
import { IN_STRIP, MODES, usePastCalls } from "./past-calls";
import { Select } from "../../components/select";
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
const MARKS = { right: "✔ ", wrong: "✘ ", even: "", hold: "", pending: "… ", void: "∅ " };
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

/** Past calls of the stock with their outcomes; live and backtest calls are never in one table. */
export function CallsCard({ code }: { code: string }) {
  const words = useWords();
  const { t, v } = words;
  const [filter, change] = useFilter();
  const [length, setLength] = useState(IN_TABLE);
  // The chart has filters of its own in the address.
  const unknown = unknownFilters({ calls: filter["calls"] }, { calls: MODES });
  const chosen = MODES.find((mode) => mode === filter["calls"]);
  const { mode, query } = usePastCalls(code, chosen);
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
        <UnknownFilter href={hrefOf("stock", code, { ...filter, calls: "" })} filters={unknown} />
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
