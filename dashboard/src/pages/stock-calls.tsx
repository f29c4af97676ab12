import { useState } from "preact/hooks";

import type { Schemas } from "../api/client";
import { RARELY_MS, useApi } from "../api/queries";
import { Card, Change, DirectionMark, Disclaimer, Moment, Table } from "../components/parts";
import { Loaded } from "../components/states";
import { krw, percent } from "../format";
import { useWords } from "../i18n/use-words";
import { verdictOf } from "../views/stock";

type Row = Schemas["PredictionRow"];
const MODES = ["live", "backtest"] as const;
const MARKS = { right: "✔", wrong: "✘", hold: "–", pending: "…", void: "∅" };

function Line({ call }: { call: Row }) {
  const { t, language } = useWords();
  const verdict = verdictOf(call);
  const inBand = call.in_band == null ? "–" : t(call.in_band ? "call.inBand" : "call.outOfBand");
  return (
    <tr>
      <th scope="row">
        <Moment at={call.asof} />
      </th>
      <td>
        <span class="number">{percent(call.p_up)}</span> <DirectionMark direction={call.direction} />
      </td>
      <td class="number">
        {krw(call.quantiles_krw[1], language)}–{krw(call.quantiles_krw[5], language)}
      </td>
      <td>
        <Change value={call.adjusted_return} />
      </td>
      <td>{inBand}</td>
      <td>
        <span class={`verdict ${verdict}`}>
          {MARKS[verdict]} {t(`verdict.${verdict}`)}
        </span>
      </td>
    </tr>
  );
}

/** Each past call of the stock with what came of it; live and replayed calls never stand in one table. */
export function CallsCard({ code }: { code: string }) {
  const { t, v } = useWords();
  const [mode, setMode] = useState<(typeof MODES)[number]>("live");
  const query = useApi(
    "/api/prediction",
    { stock_code: code, model: "gated", horizon: 1, mode, limit: 20 },
    { every_ms: RARELY_MS, keep: true },
  );
  const head = [
    t("forecast.asof"),
    t("forecast.pUp"),
    t("forecast.band80"),
    t("call.return"),
    t("call.band"),
    t("call.verdict"),
  ];
  const choice = (
    <label>
      {t("metric.mode")}{" "}
      <select value={mode} onChange={(event) => setMode(event.currentTarget.value as typeof mode)}>
        {MODES.map((name) => (
          <option value={name}>{v("mode", name)}</option>
        ))}
      </select>
    </label>
  );
  return (
    <Card title={t("call.title")} note={t("call.note")} actions={choice} wide>
      <Loaded query={query} height={300} isEmpty={(page) => page.items.length === 0} empty={t("call.empty")}>
        {(page) => (
          <Table label={t("call.title")} head={head}>
            {page.items.map((call) => (
              <Line key={call.id} call={call} />
            ))}
          </Table>
        )}
      </Loaded>
      <Disclaimer />
    </Card>
  );
}
