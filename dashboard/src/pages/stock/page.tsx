import type { UseQueryResult } from "@tanstack/react-query";

import { ProblemError, type Schemas } from "../../api/client";
import { POLL_MS, POLL_SLOW_MS, useApi } from "../../api/queries";
import { useShownModel } from "../../api/shown-model";
import { MissingPrices } from "../../components/missing";
import { Change, Moment } from "../../components/values";
import { Loaded } from "../../components/states";
import { krw } from "../../format";
import { useWords } from "../../i18n/use-words";
import { hrefOf } from "../../route";
import { CallsCard } from "./calls";
import { ChartCard } from "./chart/chart-card";
import { ForecastCard } from "./forecast";
import { LeadCard } from "./lead";
import { MovesCard } from "./moves";
import { NewsOfStock } from "./news";
import { ReportCard } from "./report";
import { latestForecasts } from "./view";

interface HeaderProps {
  code: string;
  query: UseQueryResult<Schemas["StockDetail"]>;
}

/** Name and price. The code stands in for the name at first, so that the page has a heading whatever the API answers. */
function StockHeader({ code, query }: HeaderProps) {
  const { t, v, language } = useWords();
  const facts = query.data && [
    code,
    query.data.market,
    query.data.kind === "share" ? "" : v("stockKind", query.data.kind),
    query.data.status === "normal" ? "" : v("status", query.data.status),
    query.data.is_active ? "" : v("stockState", query.data.state),
  ];
  return (
    <div class="strip">
      <h1>
        {query.data?.name ?? code} <span class="quiet">{facts?.filter(Boolean).join(" · ")}</span>
      </h1>
      <Loaded query={query} height={44}>
        {(stock) => (
          <p class="price">
            <strong class="number">{krw(stock.last_price_krw, language)}</strong> <Change value={stock.change} />
            <span class="quiet">
              {" "}
              {t("stock.previousClose")} {krw(stock.previous_close_krw, language)} · {t("stock.priceAt")}{" "}
              <Moment at={stock.price_at} />
            </span>
          </p>
        )}
      </Loaded>
    </div>
  );
}

/** In place of a page of refusals: a code that is not watched, or none at all (422), and where to go. */
function Unknown({ code, isCode }: { code: string; isCode: boolean }) {
  const { t } = useWords();
  return (
    <>
      <h1>{code}</h1>
      <section class="card">
        <p>{t(isCode ? "stock.unknown" : "stock.malformed")}</p>
        <p>
          {isCode && (
            <>
              <a href={hrefOf("settings", "stocks")}>{t("overview.empty.add")}</a> ·{" "}
            </>
          )}
          <a href={hrefOf("overview")}>{t("action.home")}</a>
        </p>
      </section>
    </>
  );
}

export function StockPage({ code }: { code: string }) {
  const { error } = useApi("/api/stocks/{code}", { code }, { every_ms: POLL_MS });
  const status = error instanceof ProblemError ? error.problem.status : null;
  if (status === 404 || status === 422) return <Unknown code={code} isCode={status === 404} />;
  return <Known code={code} />;
}

function Known({ code }: { code: string }) {
  const stock = useApi("/api/stocks/{code}", { code }, { every_ms: POLL_MS });
  const news = useApi("/api/news", { stock_code: code, limit: 12 }, { every_ms: POLL_SLOW_MS });
  const events = useApi("/api/stocks/{code}/events", { code, limit: 24 }, { every_ms: POLL_SLOW_MS });
  const model = useShownModel();
  const forecasts = useApi(
    "/api/prediction",
    { stock_code: code, model, mode: "live", limit: 12 },
    { every_ms: POLL_MS, enabled: model !== undefined },
  );
  const latest = latestForecasts(forecasts.data?.items ?? []);
  return (
    <>
      <StockHeader code={code} query={stock} />
      <MissingPrices />
      <LeadCard
        code={code}
        query={stock}
        forecast={latest.find(({ horizon }) => horizon === 1)}
        isWaiting={forecasts.isPending}
      />
      <ChartCard code={code} stock={stock.data} events={events} forecasts={latest} />
      <MovesCard code={code} />
      <NewsOfStock code={code} query={news} />
      <div class="columns">
        <div>
          <ForecastCard code={code} query={forecasts} />
          <CallsCard code={code} />
        </div>
        <ReportCard code={code} />
      </div>
    </>
  );
}
