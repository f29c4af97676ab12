import type { UseQueryResult } from "@tanstack/react-query";

import type { Schemas } from "../../api/client";
import { useApi } from "../../api/queries";
import { Chance } from "./chance";
import { RunButton } from "../../components/actions";
import { Card, Disclaimer } from "../../components/card";
import { Table } from "../../components/table";
import { Moment, Odds, WordMark } from "../../components/values";
import { Loaded } from "../../components/states";
import { change, count, krw, percent } from "../../format";
import { useWords, type Words } from "../../i18n/use-words";
import { hrefOf } from "../../route";
import { stateWords } from "../../views/model-state";
import { baseRateOf, sideOf, wordOf } from "../../views/word";
import { latestForecasts } from "./view";

type Forecast = Schemas["PredictionRow"];

function cellsOf(forecast: Forecast, { t, language }: Words) {
  const { horizon, exit_trade_date, p_up, quantiles_krw: q } = forecast;
  const usual = baseRateOf(forecast);
  return [
    <>
      <a href={hrefOf("call", forecast.id)}>{t("horizon.days", { n: horizon })}</a>{" "}
      <span class="quiet block">{exit_trade_date}</span>
    </>,
    <>
      <Chance p={p_up} usual={usual} side={sideOf(forecast, usual)} /> <Odds of={{ usual, now: p_up }} />
      <span class="block">
        <WordMark word={wordOf(forecast, usual)} />
      </span>
    </>,
    <>
      <span class="quiet">50%</span> {krw(q[2], language)}–{krw(q[4], language)}
      <span class="block">
        <span class="quiet">80%</span> {krw(q[1], language)}–{krw(q[5], language)}
      </span>
    </>,
  ];
}

/** Forecast and weight of each ensemble member, from the stored explanation. */
function Members({ forecast }: { forecast: Forecast }) {
  const { t, v, language } = useWords();
  const { members = {}, weights = {}, silent = {} } = forecast.explanation;
  const names = Object.keys(members);
  if (names.length === 0) return null;
  const probabilityOf = (name: string) => (typeof members[name] === "number" ? percent(members[name]) : "–");
  const weightOf = (name: string) =>
    typeof weights[name] === "number" ? percent(weights[name]) : name === "base" ? t("forecast.anchor") : "–";
  const rows = names.map((name) => ({
    key: name,
    cells: [
      v("model", name),
      <>
        {probabilityOf(name)}{" "}
        {silent[name] !== undefined && <span class="quiet">{stateWords(silent[name], language)}</span>}
      </>,
      weightOf(name),
    ],
  }));
  const head = [t("forecast.members"), t("forecast.says"), t("forecast.weight")];
  return <Table label={t("forecast.members")} head={head} rows={rows} isDense />;
}

function Evidence({ id }: { id: number }) {
  const { t } = useWords();
  const query = useApi("/api/prediction/{prediction_id}", { prediction_id: id });
  return (
    <Loaded
      query={query}
      height={44}
      isEmpty={(detail) => detail.evidence.length === 0}
      empty={t("forecast.noEvidence")}
    >
      {(detail) => (
        <ul class="list">
          {detail.evidence.map((item) => (
            <li key={item.news_id}>
              <a href={hrefOf("news", item.news_id)}>{item.title ?? `n${item.news_id}`}</a>{" "}
              <span class="quiet">{t("forecast.weightOf", { share: percent(item.weight) })}</span>
            </li>
          ))}
        </ul>
      )}
    </Loaded>
  );
}

interface Record_ {
  n: number;
  n_days: number;
  net: number;
  low: number | null;
}

/** What forecasts like this one earned so far: its lower bound above zero makes a call. */
function Proof({ forecast }: { forecast: Forecast }) {
  const { t } = useWords();
  const proof = forecast.explanation["proof"] as Record_ | undefined;
  if (forecast.verdict === "none") return null;
  if (!proof) return <p class="quiet">{t("forecast.proofNone")}</p>;
  const low = proof.low === null ? t("forecast.lowEarly") : t("forecast.low", { low: change(proof.low, 2) });
  return (
    <p class="quiet">
      {t("forecast.proof", { net: change(proof.net, 2), low, n: count(proof.n), days: count(proof.n_days) })}
    </p>
  );
}

function Latest({ latest }: { latest: Forecast[] }) {
  const words = useWords();
  const { t, language } = words;
  const first = latest[0];
  return (
    <>
      <Table
        label={t("forecast.title")}
        head={[t("metric.horizon"), t("forecast.pUp"), t("forecast.bands")]}
        rows={latest.map((forecast) => ({ key: forecast.id, cells: cellsOf(forecast, words) }))}
      />
      {first && (
        <>
          <h3>{t("forecast.evidence")}</h3>
          <Evidence id={first.id} />
          <h3>{t("forecast.why")}</h3>
          <Proof forecast={first} />
          <Members forecast={first} />
          <p class="quiet">
            {stateWords(first.explanation.state, language)} · {t("forecast.asof")} <Moment at={first.asof} /> ·{" "}
            {first.model} {first.version}
          </p>
        </>
      )}
    </>
  );
}

interface ForecastProps {
  code: string;
  query: UseQueryResult<Schemas["PredictionPage"]>;
}

export function ForecastCard({ code, query }: ForecastProps) {
  const { t } = useWords();
  const order = (
    <RunButton path="/api/prediction" body={{ stock_code: code }}>
      {t("action.predict")}
    </RunButton>
  );
  return (
    <Card title={t("forecast.title")} note={t("forecast.note")} actions={order}>
      <Loaded query={query} height={560} isEmpty={(page) => page.items.length === 0} empty={t("forecast.before")}>
        {(page) => <Latest latest={latestForecasts(page.items)} />}
      </Loaded>
      <Disclaimer />
    </Card>
  );
}
