// A call: what was said, how it ended, why, and the evidence as it read then.

import type { UseQueryResult } from "@tanstack/react-query";

import type { Schemas } from "../../api/client";
import { POLL_SLOW_MS, useApi } from "../../api/queries";
import { Card, Disclaimer, Fact } from "../../components/card";
import { CopyAddress, isUnknown, Unknown } from "../../components/said/frame";
import { SessionsCard, Why } from "../../components/said/sessions";
import { Loaded } from "../../components/states";
import { Change, Moment, Odds, WordMark } from "../../components/values";
import { change, krw, moment, percent } from "../../format";
import { useWords } from "../../i18n/use-words";
import type { Key } from "../../i18n/words";
import { hrefOf } from "../../route";
import { endingOf } from "../../views/aftermath";
import { wordOf } from "../../views/word";

type Call = Schemas["Call"];

function Said({ call: { prediction, base_rate } }: { call: Call }) {
  const { t, v, language } = useWords();
  const band = prediction.quantiles_krw;
  return (
    <>
      <WordMark word={wordOf(prediction, base_rate)} /> <Odds of={{ usual: base_rate, now: prediction.p_up }} /> ·{" "}
      {t("size.band", { low: krw(band[1], language), high: krw(band[5], language) })}
      <span class="quiet block">
        {t("call.made", { at: moment(prediction.asof, language), exit: prediction.exit_trade_date })} ·{" "}
        {v("mode", prediction.mode)} · {v("model", prediction.model)} {prediction.version}
      </span>
    </>
  );
}

/** What the price did beside its market, or why nobody can say. */
function Came({ call: { outcome, prediction } }: { call: Call }) {
  const { t, v, language } = useWords();
  if (outcome?.state === "void") return <>{t("came.void", { reason: v("void", outcome.void_reason) })}</>;
  if (outcome?.state !== "final" || outcome.adjusted_return === null) {
    return <>{t("came.pending", { date: prediction.exit_trade_date })}</>;
  }
  const by = percent(Math.abs(outcome.adjusted_return));
  const side = outcome.y === 1 ? "beat" : outcome.y === 0 ? "lagged" : "even";
  const prices = {
    entry: krw(outcome.entry_price_krw, language),
    exit: krw(outcome.exit_price_krw, language),
    raw: change(outcome.raw_return),
  };
  return (
    <>
      {t(`came.${side}`, { by })} {t("came.price", prices)}
      {outcome.in_band !== null && ` · 80% ${t(outcome.in_band ? "call.inBand" : "call.outOfBand")}`}
    </>
  );
}

function Answer({ call }: { call: Call }) {
  const { t } = useWords();
  const ending = endingOf(call);
  return (
    <Card title={t("call.settled")} actions={<CopyAddress />}>
      <p class={`headline ${ending}`}>
        <strong>{t(`verdictWords.${ending}` as Key)}</strong>
        {call.outcome?.adjusted_return != null && (
          <>
            {" "}
            · {t("call.return")} <Change value={call.outcome.adjusted_return} />
          </>
        )}
      </p>
      <dl class="facts">
        <Fact name={t("call.saidThen")}>
          <Said call={call} />
        </Fact>
        <Fact name={t("came.title")}>
          <Came call={call} />
        </Fact>
        <Fact name={t("why.title")}>
          <Why sessions={call.sessions} asof={call.prediction.asof} isOver={ending !== "pending"} />
        </Fact>
      </dl>
      <Disclaimer />
    </Card>
  );
}

function Evidence({ evidence }: { evidence: Call["evidence"] }) {
  const { t } = useWords();
  return (
    <Card title={t("call.evidence")} note={t("call.evidence.note")}>
      {evidence.length === 0 && <p class="empty">{t("call.evidence.none")}</p>}
      <ul class="list">
        {evidence.map((item) => (
          <li key={item.news_id}>
            <a href={hrefOf("news", item.news_id)}>{item.title}</a>
            <span class="quiet block">
              {item.publisher} · <Moment at={item.known_at} />
              {item.weight !== null && ` · ${t("forecast.weightOf", { share: percent(item.weight) })}`}
              {item.is_changed && ` · ${t("call.evidence.changed")}`}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

export function CallPage({ id }: { id: string }) {
  const { t, v } = useWords();
  const query: UseQueryResult<Call> = useApi(
    "/api/calls/{prediction_id}",
    { prediction_id: id },
    { every_ms: POLL_SLOW_MS },
  );
  if (isUnknown(query.error)) return <Unknown kind="call" id={id} />;
  const stock = query.data?.stock;
  const title = stock && t("call.head", { name: stock.name, n: query.data?.prediction.horizon ?? 1 });
  return (
    <>
      <h1>{title ?? t("page.call")}</h1>
      <Loaded query={query} height={900}>
        {(call) => (
          <>
            <p>
              <a href={hrefOf("stock", call.stock.code)}>{t("call.back", { name: call.stock.name })}</a>{" "}
              <span class="quiet">
                {[
                  call.stock.code,
                  call.stock.market,
                  call.stock.state === "active" ? "" : v("stockState", call.stock.state),
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </span>
            </p>
            <Answer call={call} />
            <SessionsCard sessions={call.sessions} asof={call.prediction.asof} />
            <Evidence evidence={call.evidence} />
          </>
        )}
      </Loaded>
    </>
  );
}
