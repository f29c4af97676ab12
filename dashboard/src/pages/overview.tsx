import type { Schemas } from "../api/client";
import { CALMLY_MS, useApi } from "../api/queries";
import { Card, Change, DirectionMark, Estimate, Moment, Outside, Table } from "../components/parts";
import { Loaded } from "../components/states";
import { count, krw, percent } from "../format";
import { useWords } from "../i18n/use-words";
import { hrefOf } from "../route";
import { forecastOf, headlineRecord, stateWords, strongest } from "../views/overview";

type Row = Schemas["StockRow"];

function ForecastCell({ row, horizon }: { row: Row; horizon: number }) {
  const { t, language } = useWords();
  const forecast = forecastOf(row, horizon);
  return (
    <td data-label={t("horizon.days", { n: horizon })}>
      {forecast ? (
        <>
          <span class="number">{percent(forecast.p_up)}</span> <DirectionMark direction={forecast.direction} />
          <span class="quiet block number">
            {krw(forecast.quantiles_krw[1], language)}–{krw(forecast.quantiles_krw[5], language)}
          </span>
        </>
      ) : (
        <span class="quiet">{t("forecast.none")}</span>
      )}
    </td>
  );
}

function LastCall({ call }: { call: Row["last_call"] }) {
  const { t } = useWords();
  if (!call) return <span class="quiet">{t("call.none")}</span>;
  const verdict = call.hit === null ? t("call.open") : call.hit ? t("call.right") : t("call.wrong");
  return (
    <>
      <DirectionMark direction={call.direction} /> → <span class={call.hit === false ? "wrong" : ""}>{verdict}</span>
    </>
  );
}

function StockLine({ row }: { row: Row }) {
  const { t, language } = useWords();
  const state = row.forecasts.map((forecast) => forecast.state).find(Boolean);
  return (
    <tr>
      <th scope="row">
        <a href={hrefOf("stock", row.code)}>{row.name}</a>{" "}
        <span class="quiet block">
          {row.code} {row.market}
        </span>
      </th>
      <td data-label={t("stock.price")}>
        <span class="number">{krw(row.last_price_krw, language)}</span> <Change value={row.change} />
      </td>
      {[1, 3, 5].map((horizon) => (
        <ForecastCell row={row} horizon={horizon} />
      ))}
      <td data-label={t("stock.state")}>{stateWords(state, language)}</td>
      <td data-label={t("call.last")}>
        <LastCall call={row.last_call} />
      </td>
    </tr>
  );
}

function Says({ data }: { data: Schemas["Dashboard"] }) {
  const { t } = useWords();
  const head = [
    t("stock.name"),
    t("stock.price"),
    ...[1, 3, 5].map((n) => t("horizon.days", { n })),
    t("stock.state"),
    t("call.last"),
  ];
  return (
    <Card title={t("overview.says")} note={t("overview.says.note")} wide>
      <Table label={t("overview.says")} head={head} kind="cards">
        {data.stocks.map((row) => (
          <StockLine key={row.code} row={row} />
        ))}
      </Table>
    </Card>
  );
}

function Figures({ data }: { data: Schemas["Dashboard"] }) {
  const { t, v } = useWords();
  const record = headlineRecord(data.record);
  const { counts, market } = data;
  return (
    <div class="figures">
      <div class="figure figure-main">
        <h2>{t("overview.record")}</h2>
        {record ? (
          <>
            <Estimate of={record.accuracy} />
            <span class="quiet">
              {v("mode", record.mode)} · {t("horizon.days", { n: record.horizon })}
            </span>
          </>
        ) : (
          <span class="quiet">{t("metric.none")}</span>
        )}
      </div>
      <div class="figure">
        <h2>{t("overview.news24")}</h2>
        <strong>{count(counts.news_24h)}</strong>
        <span class="quiet">{t("overview.stories", { n: count(counts.stories_24h) })}</span>
      </div>
      <div class="figure">
        <h2>{t("overview.predictions24")}</h2>
        <strong>{count(counts.predictions_24h)}</strong>
        <span class="quiet">{t("overview.stocks", { n: count(counts.stocks) })}</span>
      </div>
      <div class="figure">
        <h2>{t("overview.prices")}</h2>
        <strong>
          <Moment at={market.prices_at} />
        </strong>
        <span class="quiet">
          {t("overview.lastDay")} {market.last_trade_date ?? "–"}
        </span>
      </div>
    </div>
  );
}

function Stories({ stories }: { stories: Schemas["StoryRow"][] }) {
  const { t, v } = useWords();
  return (
    <Card title={t("overview.newest")} actions={<a href={hrefOf("news")}>{t("action.all")}</a>}>
      {stories.length === 0 && <p class="empty">{t("news.empty")}</p>}
      <ul class="list">
        {stories.slice(0, 8).map((story) => (
          <li key={story.id}>
            <a href={hrefOf("news", story.news_id)}>{story.title}</a>
            <span class="quiet block">
              <Outside href={story.url}>{story.publisher}</Outside> · <Moment at={story.first_known_at} /> ·{" "}
              {v("event", story.event_type)} · {t("news.copies", { n: story.size })}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Strongest({ stocks }: { stocks: Row[] }) {
  const { t } = useWords();
  const found = strongest(stocks);
  return (
    <Card title={t("overview.strongest")} note={t("overview.strongest.note")}>
      {found.length === 0 && <p class="empty">{t("forecast.none")}</p>}
      <ul class="list">
        {found.map(({ row, forecast, edge }) => (
          <li key={row.code}>
            <a href={hrefOf("stock", row.code)}>{row.name}</a> <span class="number">{percent(forecast.p_up)}</span>{" "}
            <Change value={edge} digits={1} />
            <span class="quiet block">
              {t("horizon.days", { n: forecast.horizon })} · <DirectionMark direction={forecast.direction} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Records({ record }: { record: Schemas["RecordItem"][] }) {
  const { t, v } = useWords();
  return (
    <Card
      title={t("overview.records")}
      note={t("overview.records.note")}
      actions={<a href={hrefOf("models")}>{t("action.more")}</a>}
    >
      {record.length === 0 ? (
        <p class="empty">{t("metric.wait")}</p>
      ) : (
        <Table label={t("overview.records")} head={[t("metric.mode"), t("metric.horizon"), t("metric.accuracy")]}>
          {record.map((item) => (
            <tr>
              <td>{v("mode", item.mode)}</td>
              <td>{t("horizon.days", { n: item.horizon })}</td>
              <td>
                <Estimate of={item.accuracy} />
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Card>
  );
}

export function OverviewPage() {
  const { t } = useWords();
  const query = useApi("/api/dashboard", {}, { every_ms: CALMLY_MS });
  return (
    <>
      <h1>{t("page.overview")}</h1>
      <Loaded
        query={query}
        height={900}
        isEmpty={(data) => data.stocks.length === 0}
        empty={
          <>
            <p>{t("overview.empty")}</p>
            <p>
              <code>azak up --demo</code> · <a href={hrefOf("settings")}>{t("overview.empty.add")}</a>
            </p>
          </>
        }
      >
        {(data) => (
          <>
            <Figures data={data} />
            <Says data={data} />
            <div class="columns">
              <Stories stories={data.stories} />
              <Strongest stocks={data.stocks} />
              <Records record={data.record} />
            </div>
          </>
        )}
      </Loaded>
    </>
  );
}
