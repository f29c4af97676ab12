import { useState } from "preact/hooks";

import type { Schemas } from "../../api/client";
import { POLL_SLOW_MS, usePages } from "../../api/queries";
import { RunStatus, WriteButton } from "../../components/actions";
import { Field, Form } from "../../components/forms";
import type { Choice } from "../../components/select";
import { Card } from "../../components/card";
import { Older } from "../../components/lists";
import { MissingPrices } from "../../components/missing";
import { Table } from "../../components/table";
import { Loaded } from "../../components/states";
import { useWords, type Words } from "../../i18n/use-words";
import { hrefOf } from "../../route";

type Stock = Schemas["StockItem"];
type Added = Schemas["AddedRun"] | Schemas["AddedStock"];
const LIMIT = 50;
const MARKETS = ["KOSPI", "KOSDAQ", "KONEX"];

/** What is left empty is not sent: the exchange's list has it. */
function bodyOf(fields: Record<string, string>): Schemas["NewStock"] {
  const { code = "", name = "", market = "", aliases = "" } = fields;
  return {
    ...(code.trim() && { code: code.trim().toUpperCase() }),
    ...(name.trim() && { name: name.trim() }),
    ...(market && { market: market as Stock["market"] }),
    aliases: aliases
      .split(",")
      .map((alias) => alias.trim())
      .filter(Boolean),
    priority: 3,
    history: true,
  };
}

/** The answer is a run when the history is fetched too, else the stock itself. */
function AddedNote({ answer }: { answer: Added }) {
  const { t } = useWords();
  return "id" in answer ? <RunStatus id={answer.id} first={answer} /> : <>{t("form.done")}</>;
}

function StateButton({ stock, state, words }: { stock: Stock; state: Stock["state"]; words: string }) {
  return (
    <WriteButton method="PATCH" path={`/api/stocks/${stock.code}`} body={{ state }} label={`${words}: ${stock.name}`}>
      {words}
    </WriteButton>
  );
}

/** Asks before it archives. */
function Archive({ stock }: { stock: Stock }) {
  const { t } = useWords();
  const [isAsked, setAsked] = useState(false);
  const words = t("settings.stocks.archive");
  if (!isAsked)
    return (
      <button type="button" aria-label={`${words}: ${stock.name}`} onClick={() => setAsked(true)}>
        {words}
      </button>
    );
  return (
    <span role="group" aria-label={words}>
      <span class="wrap block">{t("settings.stocks.archive.sure", { name: stock.name })}</span>
      <StateButton stock={stock} state="archived" words={words} />{" "}
      <button type="button" onClick={() => setAsked(false)}>
        {t("action.close")}
      </button>
    </span>
  );
}

function cellsOf(stock: Stock, { t, v }: Words) {
  const isPaused = stock.state === "paused";
  return [
    <>
      <a href={hrefOf("stock", stock.code)}>{stock.name}</a> <span class="quiet">{stock.code}</span>
    </>,
    stock.market,
    <span class="wrap">{stock.aliases.join(", ")}</span>,
    <>
      <span class={isPaused ? "busy" : ""} data-stock-state={stock.state}>
        {v("stockState", stock.state)}
      </span>
      {stock.kind !== "share" && ` · ${v("stockKind", stock.kind)}`}
      {stock.status !== "normal" && ` · ${v("status", stock.status)}`}
    </>,
    <span class="buttons">
      <StateButton
        stock={stock}
        state={isPaused ? "active" : "paused"}
        words={t(isPaused ? "settings.stocks.resume" : "settings.stocks.pause")}
      />
      <Archive stock={stock} />
    </span>,
  ];
}

/** Stocks that left the lists; nothing while there is none. */
function Archived() {
  const { t } = useWords();
  const list = usePages("/api/stocks", { limit: LIMIT, state: "archived" }, { every_ms: POLL_SLOW_MS });
  const found = list.data ?? [];
  if (found.length === 0) return null;
  return (
    <details>
      <summary>{t("settings.stocks.archived", { n: found.length + (list.hasNextPage ? "+" : "") })}</summary>
      <ul class="list">
        {found.map((stock) => (
          <li key={stock.code}>
            <a href={hrefOf("stock", stock.code)}>{stock.name}</a> <span class="quiet">{stock.code}</span>{" "}
            <StateButton stock={stock} state="active" words={t("settings.stocks.restore")} />
          </li>
        ))}
      </ul>
      <Older list={list} words="list.more" />
    </details>
  );
}

function AddForm() {
  const { t } = useWords();
  return (
    <Form<Added>
      path="/api/stocks"
      body={bodyOf}
      submit={t("settings.stocks.add")}
      onDone={(answer) => <AddedNote answer={answer} />}
    >
      <Field
        name="code"
        label={t("settings.code")}
        hint={t("settings.code.hint")}
        pattern="[0-9]{4}[0-9A-Za-z]{2}"
        placeholder="005930"
      />
      <Field name="name" label={t("settings.name")} placeholder="삼성전자" />
      <Field
        name="market"
        label={t("settings.market")}
        options={[["", t("settings.stocks.market.auto")], ...MARKETS.map((market): Choice => [market, market])]}
      />
      <Field name="aliases" label={t("settings.aliases")} placeholder="삼전, Samsung" />
    </Form>
  );
}

export function StocksCard() {
  const words = useWords();
  const { t } = words;
  const list = usePages("/api/stocks", { limit: LIMIT }, { every_ms: POLL_SLOW_MS });
  const head = [
    t("stock.name"),
    t("settings.market"),
    t("stock.aliases"),
    t("news.state"),
    t("settings.stocks.actions"),
  ];
  return (
    <Card title={t("settings.stocks")} note={t("settings.stocks.note")}>
      <p class="quiet">{t("settings.stocks.either")}</p>
      <MissingPrices />
      <AddForm />
      <Loaded query={list} height={420} isEmpty={(stocks) => stocks.length === 0} empty={t("settings.stocks.empty")}>
        {(stocks) => (
          <Table
            label={t("settings.stocks")}
            head={head}
            rows={stocks.map((stock) => ({ key: stock.code, cells: cellsOf(stock, words) }))}
          />
        )}
      </Loaded>
      <Older list={list} words="list.more" />
      <Archived />
    </Card>
  );
}
