// All watched stocks in a line each: price, line beside its index, why, how large, which way, and how it went last time.

import type { Schemas } from "../../api/client";
import { Card, Disclaimer } from "../../components/card";
import { Select } from "../../components/select";
import { UnknownFilter } from "../../components/lists";
import { SizeBar, SizeWords } from "../../components/size";
import { Table } from "../../components/table";
import { Ago, Change, WordMark } from "../../components/values";
import { krw, ofHundred } from "../../format";
import { useWords, type Words } from "../../i18n/use-words";
import { hrefOf, unknownFilters, useFilter } from "../../route";
import { stateWords } from "../../views/model-state";
import { forecastOf } from "../../views/overview";
import { verdictOf } from "../../views/verdict";
import { bandOf } from "../../views/sizes";
import { arranged, mostMoved, SHOWN, SORTS, type Moved, type Row } from "../../views/watchlist";
import { wordOf } from "../../views/word";
import { ReasonLine } from "./reason";
import { Sparkline } from "./sparkline";

type Index = Schemas["IndexLine"];

/** "usually 46, now 51" of 100, and the word of that; what is still learning says so. */
function Says({ row }: { row: Row }) {
  const { t, language } = useWords();
  const forecast = forecastOf(row, 1);
  if (!forecast) return <span class="quiet">{t("forecast.none")}</span>;
  const isLearning = forecast.state !== null && forecast.state.state !== "trained";
  const { usual, now } = ofHundred({ usual: forecast.base_rate, now: forecast.p_up });
  return (
    <>
      <a class="plain" href={hrefOf("call", forecast.id)}>
        <WordMark word={wordOf(forecast, forecast.base_rate)} />
      </a>{" "}
      <span class="quiet" title={isLearning ? stateWords(forecast.state, language) : undefined}>
        {usual === null ? now : t("row.odds", { usual, now })}
        {isLearning && " …"}
      </span>
    </>
  );
}

function Size({ row }: { row: Row }) {
  const { t, language } = useWords();
  if (!row.size) return <>–</>;
  const { low_krw, high_krw } = bandOf(row.size, forecastOf(row, 1));
  const band = { low: krw(low_krw, language), high: krw(high_krw, language) };
  return (
    <span title={t("size.band", band)}>
      <SizeBar size={row.size} /> <SizeWords size={row.size} />
    </span>
  );
}

function LastCall({ call }: { call: Row["last_call"] }) {
  const { t } = useWords();
  if (!call) return <span class="quiet">{t("call.none")}</span>;
  const verdict = verdictOf({ ...call, outcome_state: "final" });
  return (
    <a class={`plain ${verdict}`} href={hrefOf("call", call.id)}>
      {verdict === "hold" ? <Change value={call.adjusted_return} /> : t(`verdict.${verdict}`)}
    </a>
  );
}

interface Beside {
  moved: Moved | undefined;
  index: Index | undefined;
  isScored: boolean;
}

function cellsOf(row: Row, { moved, index, isScored }: Beside, { language }: Words) {
  return [
    <a href={hrefOf("stock", row.code)} title={`${row.code} ${row.market}`}>
      {row.name}
    </a>,
    <>
      {krw(row.last_price_krw, language)} <Change value={row.change} />
    </>,
    <Sparkline closes={moved?.closes_krw ?? []} index={index?.closes ?? []} />,
    <ReasonLine row={row} move={moved?.move} />,
    <Size row={row} />,
    <Says row={row} />,
    ...(isScored ? [<LastCall call={row.last_call} />] : []),
  ];
}

/** What moved the most since the last close, and why. */
function MostMoved({ rows, moves }: { rows: Row[]; moves: ReadonlyMap<string, Moved> }) {
  const { t } = useWords();
  const most = mostMoved(rows);
  if (!most) return null;
  return (
    <p class="one-line" data-most={most.code}>
      {t("overview.most")}{" "}
      <strong>
        <a class="plain" href={hrefOf("stock", most.code)}>
          {most.name}
        </a>{" "}
        <Change value={most.change} />
      </strong>{" "}
      · <ReasonLine row={most} move={moves.get(most.code)?.move} />
    </p>
  );
}

interface Props {
  data: Schemas["Dashboard"];
  moves: ReadonlyMap<string, Moved>;
  indexes: Index[];
}

export function Watchlist({ data, moves, indexes }: Props) {
  const words = useWords();
  const { t } = words;
  const [filter, change] = useFilter();
  const unknown = unknownFilters(filter, { sort: SORTS, show: SHOWN });
  const sort = SORTS.find((name) => name === filter["sort"]) ?? "watch";
  const shown = SHOWN.find((name) => name === filter["show"]) ?? "all";
  const rows = arranged(data.stocks, moves, { sort, shown });
  // Before the first outcome of a live forecast the column would say "none yet" in every row.
  const isScored = data.stocks.some(({ last_call }) => last_call);
  const head = [
    t("stock.name"),
    t("stock.price"),
    t("row.line"),
    t("moves.title"),
    t("size.head"),
    t("row.word"),
    ...(isScored ? [t("call.last")] : []),
  ];
  const choices = (
    <>
      <Select
        label={t("row.show")}
        value={shown}
        options={SHOWN.map((name) => [name, t(`row.show.${name}`)])}
        onChange={(show) => change({ show: show === "all" ? undefined : show })}
      />
      <Select
        label={t("row.sort")}
        value={sort}
        options={SORTS.map((name) => [name, t(`row.sort.${name}`)])}
        onChange={(name) => change({ sort: name === "watch" ? undefined : name })}
      />
    </>
  );
  return (
    <Card title={t("watch.title")} actions={choices}>
      <MostMoved rows={data.stocks} moves={moves} />
      {unknown ? (
        <UnknownFilter href={hrefOf("overview")} filters={unknown} />
      ) : (
        <Table
          label={t("watch.title")}
          head={head}
          rows={rows.map((row) => ({
            key: row.code,
            cells: cellsOf(
              row,
              {
                moved: moves.get(row.code),
                index: indexes.find((line) => line.index_code === row.market),
                isScored,
              },
              words,
            ),
          }))}
          isRows
        />
      )}
      {!unknown && rows.length === 0 && <p class="empty">{t("watch.none")}</p>}
      <p class="note">
        {t("overview.says.note")} {t("overview.prices")} <Ago at={data.market.prices_at} />
      </p>
      <Disclaimer />
    </Card>
  );
}
