import type { Schemas } from "../../api/client";
import { useApi } from "../../api/queries";
import { RunStatus } from "../../components/actions";
import { Form } from "../../components/forms";
import { Card } from "../../components/card";
import { Table } from "../../components/table";
import { Loaded } from "../../components/states";
import { useWords } from "../../i18n/use-words";
import { hrefOf } from "../../route";

const MARKETS = ["KOSPI", "KOSDAQ", "KONEX"];

function bodyOf(fields: Record<string, string>): Schemas["NewStock"] {
  return {
    code: fields["code"]?.toUpperCase() ?? "",
    name: fields["name"] ?? "",
    market: fields["market"] as Schemas["NewStock"]["market"],
    aliases: (fields["aliases"] ?? "")
      .split(",")
      .map((alias) => alias.trim())
      .filter(Boolean),
    priority: 3,
    history: true,
  };
}

/** The answer is a run when the history is fetched too, else the stock itself. */
function Added({ answer }: { answer: Schemas["RunItem"] | Schemas["StockItem"] }) {
  const { t } = useWords();
  return "state" in answer ? <RunStatus id={answer.id} first={answer} /> : <>{t("form.done")}</>;
}

export function StocksCard() {
  const { t, v } = useWords();
  const query = useApi("/api/stocks", { limit: 200 });
  return (
    <Card title={t("settings.stocks")} note={t("settings.stocks.note")}>
      <Form<Schemas["RunItem"] | Schemas["StockItem"]>
        path="/api/stocks"
        body={bodyOf}
        submit={t("settings.stocks.add")}
        onDone={(answer) => <Added answer={answer} />}
      >
        <label>
          {t("settings.code")}{" "}
          <input name="code" required pattern="[0-9]{4}[0-9A-Za-z]{2}" maxLength={6} placeholder="005930" />
        </label>
        <label>
          {t("settings.name")} <input name="name" required maxLength={60} placeholder="삼성전자" />
        </label>
        <label>
          {t("settings.market")}{" "}
          <select name="market">
            {MARKETS.map((market) => (
              <option>{market}</option>
            ))}
          </select>
        </label>
        <label>
          {t("settings.aliases")} <input name="aliases" maxLength={200} placeholder="삼전, Samsung" />
        </label>
      </Form>
      <Loaded query={query} height={420} isEmpty={(page) => page.items.length === 0} empty={t("settings.stocks.empty")}>
        {(page) => (
          <Table
            label={t("settings.stocks")}
            head={[t("stock.name"), t("settings.market"), t("stock.aliases"), t("news.state")]}
            rows={page.items.map((stock) => ({
              key: stock.code,
              cells: [
                <>
                  <a href={hrefOf("stock", stock.code)}>{stock.name}</a> <span class="quiet">{stock.code}</span>
                </>,
                stock.market,
                <span class="wrap">{stock.aliases.join(", ")}</span>,
                v("status", stock.status),
              ],
            }))}
          />
        )}
      </Loaded>
    </Card>
  );
}
