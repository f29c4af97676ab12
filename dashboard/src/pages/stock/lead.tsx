// What a reader wants first of a stock: what happened, why it moved, how large the next move may be, and which way.

import type { UseQueryResult } from "@tanstack/react-query";

import type { Schemas } from "../../api/client";
import { Card, Disclaimer, Fact } from "../../components/card";
import { SizeBar, SizeWords } from "../../components/size";
import { Loaded, Skeleton } from "../../components/states";
import { Moment, Odds, WordMark } from "../../components/values";
import { change, count, krw, ofHundred, percent } from "../../format";
import { useWords } from "../../i18n/use-words";
import { hrefOf } from "../../route";
import { bandOf, sizeWord } from "../../views/sizes";
import { verdictOf } from "../../views/verdict";
import { baseRateOf, wordOf } from "../../views/word";
import { summaryWords } from "./call-strip";
import { causeWords } from "./move-parts";
import { usePastCalls } from "./past-calls";
import { lowOf, standingOf } from "./view";

type Stock = Schemas["StockDetail"];
type Forecast = Schemas["PredictionRow"];
const HEIGHT = 190;
const SIZE_WORDS = { larger: "size.larger", usual: "size.usualWords", smaller: "size.smaller" } as const;

function Event({ event }: { event: Stock["event"] }) {
  const { t, v } = useWords();
  if (!event) return <span class="quiet">{t("lead.noEvent")}</span>;
  return (
    <>
      <a href={hrefOf("news", event.news_id)}>{event.title}</a>{" "}
      <span class="quiet">
        {v("event", event.event_type)} ({v("sign", event.sign)}) · <Moment at={event.known_at} />
      </span>
    </>
  );
}

function Why({ move }: { move: Stock["move"] }) {
  const words = useWords();
  if (!move) return <span class="quiet">{words.t("lead.noMove")}</span>;
  const story = move.stories[0];
  return (
    <>
      {causeWords(move, words)} {story && <a href={hrefOf("news", story.news_id)}>{story.title}</a>}
    </>
  );
}

function Next({ size, forecast }: { size: Schemas["SizeItem"] | undefined; forecast?: Forecast | undefined }) {
  const { t, language } = useWords();
  if (!size) return <span class="quiet">{t("size.none")}</span>;
  const { low_krw, high_krw } = bandOf(size, forecast);
  const band = { low: krw(low_krw, language), high: krw(high_krw, language) };
  return (
    <>
      <SizeBar size={size} /> <SizeWords size={size} /> {t(SIZE_WORDS[sizeWord(size)])}
      <span class="quiet block">
        {t("size.band", band)} · {t("size.chance", { n: ofHundred({ usual: null, now: size.p_3pct }).now })} ·{" "}
        {size.exit_trade_date}
      </span>
    </>
  );
}

function Side({ forecast }: { forecast: Forecast | undefined }) {
  const { t } = useWords();
  if (!forecast) return <span class="quiet">{t("forecast.none")}</span>;
  const usual = baseRateOf(forecast);
  const standing = standingOf(forecast);
  return (
    <>
      <a href={hrefOf("call", forecast.id)}>
        <WordMark word={wordOf(forecast, usual)} />
      </a>{" "}
      <Odds of={{ usual, now: forecast.p_up }} />
      {standing &&
        ` · ${t(`lead.standing.${standing.end}`, { n: count(standing.n), share: percent(standing.share, 0) })}`}
      <span class="quiet block">{t(`lead.side.${forecast.verdict}`)}</span>
    </>
  );
}

/** What has to happen for another word, as the rule of the words says it. */
function Change({ forecast }: { forecast: Forecast | undefined }) {
  const { t } = useWords();
  if (!forecast) return <>–</>;
  const low = lowOf(forecast);
  return (
    <>
      {t(low === null && forecast.verdict === "lean" ? "change.leanEarly" : `change.${forecast.verdict}`, {
        low: change(low, 2),
      })}
    </>
  );
}

/** How the past forecasts of this stock ended: whether the band held, and opinions where there were any. */
function OwnRecord({ code }: { code: string }) {
  const { t, v } = useWords();
  const { mode, query } = usePastCalls(code);
  const judged = (query.data ?? []).filter((call) => call.outcome_state === "final");
  if (judged.length === 0) return <span class="quiet">{t("metric.none")}</span>;
  const worst = judged.find((call) => verdictOf(call) === "wrong") ?? judged[0];
  return (
    <>
      {t("lead.lastN", { n: judged.length })}: {summaryWords(judged, t)}{" "}
      <span class="quiet">
        {v("mode", mode)}
        {worst && (
          <>
            {" · "}
            <a href={hrefOf("call", worst.id)}>
              {t(verdictOf(worst) === "wrong" ? "lead.lastWrong" : "lead.lastScored")}
            </a>
          </>
        )}
      </span>
    </>
  );
}

function Facts({ code, stock, forecast }: { code: string; stock: Stock; forecast: Forecast | undefined }) {
  const { t } = useWords();
  return (
    <dl class="facts">
      <Fact name={t("lead.event")}>
        <Event event={stock.event} />
      </Fact>
      <Fact name={t("lead.move")}>
        <Why move={stock.move} />
      </Fact>
      <Fact name={t("lead.nextMove")}>
        <Next size={stock.sizes.find(({ horizon }) => horizon === 1)} forecast={forecast} />
      </Fact>
      <Fact name={t("lead.side")}>
        <Side forecast={forecast} />
      </Fact>
      <Fact name={t("lead.record")}>
        <OwnRecord code={code} />
      </Fact>
      <Fact name={t("lead.change")}>
        <Change forecast={forecast} />
      </Fact>
      {stock.sizes
        .filter(({ horizon }) => horizon === 0)
        .map((size) => (
          <Fact name={t("lead.rest")}>
            <Next size={size} />
          </Fact>
        ))}
    </dl>
  );
}

interface LeadProps {
  code: string;
  query: UseQueryResult<Stock>;
  /** Of the next session; undefined while there is none. */
  forecast: Forecast | undefined;
  /** While the forecast is on its way nothing is drawn: its lines would push the others down. */
  isWaiting: boolean;
}

export function LeadCard({ code, query, forecast, isWaiting }: LeadProps) {
  const { t } = useWords();
  return (
    <Card title={t("lead.title")}>
      <div class="lead">
        {isWaiting && !query.error ? (
          <Skeleton height={HEIGHT} />
        ) : (
          <Loaded query={query} height={HEIGHT}>
            {(stock) => <Facts code={code} stock={stock} forecast={forecast} />}
          </Loaded>
        )}
      </div>
      <Disclaimer />
    </Card>
  );
}
