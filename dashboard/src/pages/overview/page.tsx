import type { Schemas } from "../../api/client";
import { POLL_MS, useApi } from "../../api/queries";
import { Chance } from "../../components/chance";
import { useHealth } from "../../components/frame/banner";
import { Card, Disclaimer } from "../../components/card";
import { NewsTimes } from "../../components/news-times";
import { SizeBar, SizeWords } from "../../components/size";
import { Table } from "../../components/table";
import { BandHits, OpinionAccuracy } from "../../components/record";
import { Ago, Change, ExternalLink, Odds, WordMark } from "../../components/values";
import { Loaded } from "../../components/states";
import { count, countTo, krw, percent } from "../../format";
import { useWords } from "../../i18n/use-words";
import { hrefOf } from "../../route";
import { forecastOf, headlineRecord, skillOf, stateWords, wordsOf } from "../../views/overview";
import { sideOf, WORDS, wordOf } from "../../views/word";
import { Records } from "./records";
import { Watch } from "./watch";
import { Brief } from "./brief";

type Row = Schemas["StockRow"];
const HORIZONS = [1, 3, 5];

function NearestForecast({ row }: { row: Row }) {
  const { t, language } = useWords();
  const forecast = forecastOf(row, 1);
  if (!forecast) return <span class="quiet">{t("forecast.none")}</span>;
  const isLearning = forecast.state !== null && forecast.state !== "trained";
  return (
    <>
      <Chance p={forecast.p_up} usual={forecast.base_rate} side={sideOf(forecast, forecast.base_rate)} />{" "}
      <WordMark word={wordOf(forecast, forecast.base_rate)} />
      <span class="quiet block">
        <Odds of={{ usual: forecast.base_rate, now: forecast.p_up }} />
      </span>
      {isLearning && <span class="quiet block">{stateWords(forecast.state, language)}</span>}
    </>
  );
}

/** How large the next move may be, and between which prices the next close should be. */
function NextSize({ row }: { row: Row }) {
  const { language } = useWords();
  const band = forecastOf(row, 1)?.quantiles_krw;
  return (
    <>
      {row.size && (
        <>
          <SizeBar size={row.size} />
          <span class="block">
            <SizeWords size={row.size} />
          </span>
        </>
      )}
      {band ? (
        <span class="quiet block">
          {krw(band[1], language)}–{krw(band[5], language)}
        </span>
      ) : (
        !row.size && "–"
      )}
    </>
  );
}

function LaterForecast({ row, horizon }: { row: Row; horizon: number }) {
  const forecast = forecastOf(row, horizon);
  if (!forecast) return <>–</>;
  return (
    <>
      {percent(forecast.p_up)}
      {forecast.verdict !== "none" && (
        <span class="block">
          <WordMark word={wordOf(forecast, forecast.base_rate)} />
        </span>
      )}
    </>
  );
}

function LastCall({ call }: { call: Row["last_call"] }) {
  const { t } = useWords();
  if (!call) return <span class="quiet">{t("call.none")}</span>;
  const word = wordOf(call, call.base_rate);
  if (call.verdict !== "call") return <WordMark word={word} />;
  const verdict = call.hit === null ? t("verdict.even") : call.hit ? t("call.right") : t("call.wrong");
  return (
    <>
      <WordMark word={word} /> → <span class={call.hit === false ? "wrong" : ""}>{verdict}</span>
    </>
  );
}

function cellsOf(row: Row, language: "ko" | "en") {
  return [
    <>
      <a href={hrefOf("stock", row.code)}>{row.name}</a> <span class="quiet block">{`${row.code} ${row.market}`}</span>
    </>,
    <>
      {krw(row.last_price_krw, language)}{" "}
      <span class="block">
        <Change value={row.change} />
      </span>
    </>,
    <NextSize row={row} />,
    <NearestForecast row={row} />,
    ...HORIZONS.slice(1).map((horizon) => <LaterForecast row={row} horizon={horizon} />),
    <LastCall call={row.last_call} />,
  ];
}

function Says({ data }: { data: Schemas["Dashboard"] }) {
  const { t, language } = useWords();
  const head = [
    t("stock.name"),
    t("stock.price"),
    t("size.head"),
    ...HORIZONS.map((n) => t("horizon.days", { n })),
    t("call.last"),
  ];
  return (
    <Card title={t("overview.says")} note={t("overview.says.note")}>
      <Table
        label={t("overview.says")}
        head={head}
        rows={data.stocks.map((row) => ({ key: row.code, cells: cellsOf(row, language) }))}
      />
      <Disclaimer />
    </Card>
  );
}

/** What azak thinks today in one line: how many stocks have which word. */
function Opinions({ data }: { data: Schemas["Dashboard"] }) {
  const { t } = useWords();
  const found = wordsOf(data.stocks);
  return (
    <div class="figure">
      <h2>{t("overview.today")}</h2>
      <strong class="opinions">
        {WORDS.map((word) => (
          <WordMark key={word} word={word} n={found[word]} />
        ))}
      </strong>
      <span class="quiet">
        {t("overview.today.note", { n: count(data.stocks.filter(({ forecasts }) => forecasts.length > 0).length) })}
      </span>
    </div>
  );
}

/** How often its opinions were right, how often the band held, and whether there is an edge over the baseline. */
function HeadlineRecord({ data }: { data: Schemas["Dashboard"] }) {
  const { t, v } = useWords();
  const record = headlineRecord(data.record);
  const skill = record && skillOf({ accuracy: record.accuracy_shown, brier_skill: record.brier_skill });
  return (
    <div class="figure figure-main">
      <h2>
        {t("overview.record")}
        {record && ` · ${v("mode", record.mode)} · ${t("horizon.days", { n: record.horizon })}`}
      </h2>
      {record && skill ? (
        <>
          <OpinionAccuracy of={record.accuracy_shown} scored={record.n} />
          <BandHits of={record.band_coverage} />
          <span class={`verdict-${skill}`}>{t(`skill.${skill}`)}</span>
        </>
      ) : (
        <span class="quiet">{t("metric.wait")}</span>
      )}
    </div>
  );
}

function System({ pricesAt }: { pricesAt: string | null }) {
  const { t } = useWords();
  const health = useHealth().data;
  const isWell = health?.status === "ok";
  return (
    <div class="figure">
      <h2>{t("overview.system")}</h2>
      <strong class={isWell ? "good" : "bad"}>{health ? t(isWell ? "health.ok" : "health.degraded") : "…"}</strong>
      <span class="quiet">
        {t("overview.prices")} <Ago at={pricesAt} />
      </span>
    </div>
  );
}

function Figures({ data }: { data: Schemas["Dashboard"] }) {
  const { t } = useWords();
  const { counts, market } = data;
  return (
    <div class="figures">
      <HeadlineRecord data={data} />
      <Opinions data={data} />
      <div class="figure">
        <h2>{t("overview.news24")}</h2>
        <strong>{countTo(counts.counted_to, counts.news_24h)}</strong>
        <span class="quiet">
          {t("overview.stories", { n: countTo(counts.counted_to, counts.stories_24h) })} ·{" "}
          {t("overview.predictions", { n: countTo(counts.counted_to, counts.predictions_24h) })}
        </span>
      </div>
      <System pricesAt={market.prices_at} />
    </div>
  );
}

function Stories({ data }: { data: Schemas["Dashboard"] }) {
  const { t, v } = useWords();
  const names = new Map(data.stocks.map(({ code, name }) => [code, name]));
  return (
    <Card title={t("overview.newest")} actions={<a href={hrefOf("news")}>{t("action.all")}</a>}>
      {data.stories.length === 0 && <p class="empty">{t("news.empty")}</p>}
      <ul class="list">
        {data.stories.slice(0, 8).map((story) => (
          <li key={story.id}>
            <a href={hrefOf("news", story.news_id)}>{story.title}</a>
            <span class="quiet block">
              <ExternalLink href={story.url}>{story.publisher}</ExternalLink> ·{" "}
              <NewsTimes of={{ ...story, known_at: story.first_known_at }} /> · {v("event", story.event_type)} ·{" "}
              {t("news.copies", { n: story.size })}
            </span>
            {(story.stock_codes ?? []).slice(0, 4).map((code) => (
              <a class="chip" href={hrefOf("stock", code)}>
                {names.get(code) ?? code}
              </a>
            ))}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function NothingYet() {
  const { t } = useWords();
  return (
    <>
      <p>{t("overview.empty")}</p>
      <p>
        <code>azak up --demo</code> · <a href={hrefOf("settings")}>{t("overview.empty.add")}</a>
      </p>
    </>
  );
}

export function OverviewPage() {
  const { t } = useWords();
  const query = useApi("/api/dashboard", {}, { every_ms: POLL_MS });
  return (
    <>
      <h1 class="hidden">{t("page.overview")}</h1>
      <Loaded query={query} height={900} isEmpty={(data) => data.stocks.length === 0} empty={<NothingYet />}>
        {(data) => (
          <>
            <Figures data={data} />
            <Brief />
            <div class="columns columns-side">
              <div>
                <Watch stocks={data.stocks} />
                <Says data={data} />
              </div>
              <div>
                <Stories data={data} />
                <Records record={data.record} />
              </div>
            </div>
          </>
        )}
      </Loaded>
    </>
  );
}
