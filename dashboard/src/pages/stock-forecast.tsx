import type { UseQueryResult } from "@tanstack/react-query";

import type { Schemas } from "../api/client";
import { useApi } from "../api/queries";
import { Order } from "../components/actions";
import { Card, DirectionMark, Disclaimer, Moment, Table } from "../components/parts";
import { Loaded } from "../components/states";
import { krw, percent } from "../format";
import { useWords } from "../i18n/use-words";
import { hrefOf } from "../route";
import { stateWords } from "../views/overview";
import { latestForecasts } from "../views/stock";

type Forecast = Schemas["PredictionRow"];

function Line({ forecast }: { forecast: Forecast }) {
  const { t, language } = useWords();
  const q = forecast.quantiles_krw;
  return (
    <tr>
      <th scope="row">{t("horizon.days", { n: forecast.horizon })}</th>
      <td>
        <span class="number">{percent(forecast.p_up)}</span> <DirectionMark direction={forecast.direction} />
      </td>
      <td class="number">
        {krw(q[2], language)}–{krw(q[4], language)}
      </td>
      <td class="number">
        {krw(q[1], language)}–{krw(q[5], language)}
      </td>
      <td class="number">{forecast.exit_trade_date}</td>
    </tr>
  );
}

/** Which members spoke and how much the gate trusts them, from the stored explanation. */
function Members({ forecast }: { forecast: Forecast }) {
  const { t, v } = useWords();
  const {
    members = {},
    weights = {},
    silent = {},
  } = forecast.explanation as Record<string, Record<string, number | string> | undefined>;
  const names = Object.keys(members);
  if (names.length === 0) return null;
  return (
    <Table label={t("forecast.members")} head={[t("forecast.members"), t("forecast.says"), t("forecast.weight")]}>
      {names.map((name) => (
        <tr>
          <th scope="row">{v("model", name)}</th>
          <td class="number">
            {typeof members[name] === "number" ? percent(members[name]) : "–"}
            {silent[name] ? <span class="quiet"> {String(silent[name])}</span> : null}
          </td>
          <td class="number">
            {typeof weights[name] === "number" ? percent(weights[name]) : name === "base" ? t("forecast.anchor") : "–"}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Evidence({ id }: { id: number }) {
  const { t } = useWords();
  const query = useApi("/api/prediction/{prediction_id}", { prediction_id: id });
  return (
    <Loaded
      query={query}
      height={60}
      isEmpty={(detail) => detail.evidence.length === 0}
      empty={t("forecast.noEvidence")}
    >
      {(detail) => (
        <ul class="list">
          {detail.evidence.map((item) => (
            <li>
              <a href={hrefOf("news", item.news_id)}>{item.title ?? `n${item.news_id}`}</a>{" "}
              <span class="quiet number">{percent(item.weight)}</span>
            </li>
          ))}
        </ul>
      )}
    </Loaded>
  );
}

export function ForecastCard({ code, query }: { code: string; query: UseQueryResult<Schemas["PredictionPage"]> }) {
  const { t, language } = useWords();
  return (
    <Card
      title={t("forecast.title")}
      note={t("overview.says.note")}
      actions={
        <Order path="/api/prediction" body={{ stock_code: code }}>
          {t("action.predict")}
        </Order>
      }
    >
      <Loaded query={query} height={420} isEmpty={(page) => page.items.length === 0} empty={t("forecast.before")}>
        {(page) => {
          const latest = latestForecasts(page.items);
          const first = latest[0];
          return (
            <>
              <Table
                label={t("forecast.title")}
                head={[
                  t("metric.horizon"),
                  t("forecast.pUp"),
                  t("forecast.band50"),
                  t("forecast.band80"),
                  t("forecast.exit"),
                ]}
              >
                {latest.map((forecast) => (
                  <Line key={forecast.id} forecast={forecast} />
                ))}
              </Table>
              {first && (
                <>
                  <p class="quiet">
                    {stateWords(String(first.explanation["state"] ?? ""), language)} · {t("forecast.asof")}{" "}
                    <Moment at={first.asof} /> · {first.model} {first.version}
                  </p>
                  <h3>{t("forecast.evidence")}</h3>
                  <Evidence id={first.id} />
                  <h3>{t("forecast.why")}</h3>
                  <Members forecast={first} />
                </>
              )}
            </>
          );
        }}
      </Loaded>
      <Disclaimer />
    </Card>
  );
}
