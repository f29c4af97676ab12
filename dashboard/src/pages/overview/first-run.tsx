// From an empty azak to its first forecast, in three steps; it stands above the list until there is one.

import type { ComponentChildren } from "preact";

import type { Schemas } from "../../api/client";
import { useSession } from "../../api/session";
import { RunButton, WriteButton } from "../../components/actions";
import { Card } from "../../components/card";
import { goToSignIn, Skeleton } from "../../components/states";
import { useHealth } from "../../components/frame/banner";
import { useWords } from "../../i18n/use-words";
import { hrefOf } from "../../route";

const PRICES_HEIGHT = 90;

type Suggestion = Pick<Schemas["StockRow"], "code" | "name" | "market">;

/** Well-known companies, to begin with a click. */
const SUGGESTED: readonly Suggestion[] = [
  { code: "005930", name: "삼성전자", market: "KOSPI" },
  { code: "000660", name: "SK하이닉스", market: "KOSPI" },
  { code: "005380", name: "현대차", market: "KOSPI" },
  { code: "035420", name: "NAVER", market: "KOSPI" },
  { code: "035720", name: "카카오", market: "KOSPI" },
  { code: "247540", name: "에코프로비엠", market: "KOSDAQ" },
];

function Step({ title, isDone, children }: { title: string; isDone: boolean; children: ComponentChildren }) {
  return (
    <li data-done={isDone}>
      <h3>
        {title} {isDone && <span class="good">✓</span>}
      </h3>
      {children}
    </li>
  );
}

function SignIn() {
  const { t } = useWords();
  const session = useSession();
  if (!session.data || session.data.name) return null;
  return (
    <p role="note" class="stale">
      {t("first.signIn")} <code>azak sign-in</code> ·{" "}
      <a href={hrefOf("settings")} onClick={goToSignIn}>
        {t("first.signIn.key")}
      </a>
    </p>
  );
}

/** Whether prices come, as the health tells it. */
function stateOf(health: Pick<Schemas["HealthReport"], "missing" | "troubles"> | undefined) {
  if (!health) return "unknown";
  if (health.missing.includes("prices")) return "off";
  const isFailing = health.troubles.some(({ code, subject }) => code === "sources-failed" && subject === "prices");
  return isFailing ? "failing" : "on";
}

/** Nothing to press until the health says how it is: a button that goes away may be about to be pressed. */
function Prices() {
  const { t } = useWords();
  const state = stateOf(useHealth().data);
  return (
    <Step title={t("first.prices")} isDone={state === "on"}>
      {state === "unknown" && <Skeleton height={PRICES_HEIGHT} />}
      {state === "on" && <p>{t("first.prices.done")}</p>}
      {state === "failing" && (
        <p class="bad">
          {t("first.prices.failing")}{" "}
          <a href={hrefOf("operations", null, { show: "sources" })}>{t("missing.sources")}</a>
        </p>
      )}
      {state === "off" && (
        <>
          <p>{t("first.prices.why")}</p>
          <p class="buttons">
            <WriteButton method="PATCH" path="/api/sources/naver_chart" body={{ on: true }}>
              {t("first.prices.on")}
            </WriteButton>
            <a href={hrefOf("operations", null, { show: "sources" })}>{t("first.prices.keys")}</a>
          </p>
        </>
      )}
    </Step>
  );
}

/** One click watches the stock; once it is watched another click analyses it again, for example once prices come. */
function Choice({ stock: { code, name, market }, isWatched }: { stock: Suggestion; isWatched: boolean }) {
  const { t } = useWords();
  return (
    <li>
      <RunButton
        path={isWatched ? "/api/jobs/initial_analysis/runs" : "/api/stocks"}
        body={isWatched ? { arguments: { stock_code: code } } : { code, name, market, history: true }}
        label={t(isWatched ? "first.again" : "first.add", { name })}
      >
        {isWatched ? "✓" : "+"} {name}
      </RunButton>
    </li>
  );
}

function Stocks({ watched }: { watched: readonly Suggestion[] }) {
  const { t } = useWords();
  const codes = new Set(watched.map(({ code }) => code));
  const others = watched.filter(({ code }) => !SUGGESTED.some((stock) => stock.code === code));
  return (
    <Step title={t("first.stocks")} isDone={watched.length > 0}>
      <ul class="choices">
        {[...SUGGESTED, ...others].map((stock) => (
          <Choice key={stock.code} stock={stock} isWatched={codes.has(stock.code)} />
        ))}
      </ul>
      <p>
        <a href={hrefOf("settings", "stocks")}>{t("first.stocks.others")}</a>
      </p>
    </Step>
  );
}

export function FirstRun({ stocks }: { stocks: readonly Suggestion[] }) {
  const { t } = useWords();
  return (
    <Card title={t("first.title")} note={t("first.note")}>
      <SignIn />
      <ol class="steps">
        <Prices />
        <Stocks watched={stocks} />
        <Step title={t("first.forecast")} isDone={false}>
          <p>{t("first.forecast.soon")}</p>
        </Step>
      </ol>
      <p class="quiet">
        {t("first.demo")} <code>azak up --demo</code>
      </p>
    </Card>
  );
}
