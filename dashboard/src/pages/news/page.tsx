import { useEffect, useState } from "preact/hooks";

import type { Schemas } from "../../api/client";
import { POLL_MS, useApi } from "../../api/queries";
import { useStockName, useStocks } from "../../api/stock-names";
import { Select, type Choice } from "../../components/forms";
import { Card } from "../../components/card";
import { ExternalLink, Moment } from "../../components/values";
import { Loaded } from "../../components/states";
import { count, moment } from "../../format";
import { useWords } from "../../i18n/use-words";
import { hrefOf } from "../../route";
import { byStory, countNewer } from "../../views/news";
import { NewsDetail } from "./detail";

type Item = Schemas["NewsItem"];
const FIRST = 80;
const MOST = 200;
const FLAGS = ["roundup", "reports_price", "correction", "injection", "future_date"];

function Stocks({ codes }: { codes: string[] | null }) {
  const nameOf = useStockName();
  return (
    <>
      {(codes ?? []).map((code) => (
        <a class="chip" href={hrefOf("stock", code)}>
          {nameOf(code)}
        </a>
      ))}
    </>
  );
}

function StoryItem({ head, items, chosen }: { head: Item; items: Item[]; chosen: boolean }) {
  const { t, v, language } = useWords();
  return (
    <li class={chosen ? "chosen" : ""}>
      <a href={hrefOf("news", head.id)} aria-current={chosen ? "true" : undefined}>
        {head.title}
      </a>{" "}
      <Stocks codes={head.stock_codes} />
      <span class="quiet block">
        {v("kind", head.kind)} · <ExternalLink href={head.url}>{head.publisher}</ExternalLink> ·{" "}
        <Moment at={head.known_at} /> · {t("news.copies", { n: items.length })}
        {items.length > 1 && ` · ${t("news.newest", { at: moment(items[0]?.known_at, language) })}`}{" "}
        {head.flags
          .filter((flag) => FLAGS.includes(flag))
          .map((flag) => (
            <span class="chip">{v("flag", flag)}</span>
          ))}
      </span>
    </li>
  );
}

interface Filter {
  limit: number;
  stock_code: string;
  source: string;
  kind: string;
}

function Filters({ filter, onChange }: { filter: Filter; onChange: (changed: Partial<Filter>) => void }) {
  const { t, v } = useWords();
  const stocks = useStocks();
  const sources = useApi("/api/sources");
  const all: Choice = ["", t("filter.all")];
  const choice = (name: Exclude<keyof Filter, "limit">, label: string, options: Choice[]) => (
    <Select
      label={label}
      value={filter[name]}
      options={[all, ...options]}
      onChange={(value) => onChange({ [name]: value })}
    />
  );
  return (
    <div class="filters">
      {choice(
        "stock_code",
        t("stock.name"),
        (stocks.data?.items ?? []).map((stock) => [stock.code, stock.name]),
      )}
      {choice(
        "source",
        t("news.source"),
        (sources.data?.items ?? [])
          .filter((source) => source.kind !== "prices")
          .map((source) => [source.id, source.id]),
      )}
      {choice(
        "kind",
        t("news.kind"),
        ["article", "filing"].map((kind) => [kind, v("kind", kind)]),
      )}
    </div>
  );
}

/** The list as first loaded for a filter; newer items are counted and shown on request, so that the list does not move. */
function useFrozenList(
  items: Item[] | undefined,
  filter: Filter,
): { shown: Item[]; newer: number; showNewer: () => void } {
  const [frozen, setFrozen] = useState<Item[] | null>(null);
  useEffect(() => setFrozen(null), [filter]);
  useEffect(() => {
    if (frozen === null && items) setFrozen(items);
  }, [frozen, items]);
  const shown = frozen ?? items ?? [];
  return { shown, newer: countNewer(items ?? [], shown[0]?.id ?? null), showNewer: () => setFrozen(items ?? null) };
}

export function NewsPage({ chosen }: { chosen: string | null }) {
  const { t } = useWords();
  const [filter, setFilter] = useState<Filter>({ stock_code: "", source: "", kind: "", limit: FIRST });
  const query = useApi("/api/news", { ...filter }, { every_ms: POLL_MS, keepPrevious: true });
  const { shown, newer, showNewer } = useFrozenList(query.data?.items, filter);
  return (
    <>
      <h1>{t("page.news")}</h1>
      <Filters filter={filter} onChange={(changed) => setFilter((current) => ({ ...current, ...changed }))} />
      <div class={chosen ? "columns" : "columns columns-one"}>
        <Card title={t("news.stories")} note={t("news.note")}>
          <p class="newer" role="status">
            {newer > 0 && (
              <button type="button" onClick={showNewer}>
                {t("news.newer", { n: count(newer) })}
              </button>
            )}
          </p>
          <Loaded query={query} height={900} isEmpty={(page) => page.items.length === 0} empty={t("news.empty")}>
            {() => (
              <ul class="list">
                {byStory(shown).map(({ head, items }) => (
                  <StoryItem
                    key={head.id}
                    head={head}
                    items={items}
                    chosen={items.some((item) => String(item.id) === chosen)}
                  />
                ))}
              </ul>
            )}
          </Loaded>
          {query.data?.next_cursor && filter.limit < MOST && (
            <button type="button" onClick={() => setFilter({ ...filter, limit: MOST })}>
              {t("news.older")}
            </button>
          )}
        </Card>
        {chosen && (
          <div class="sticky">
            <NewsDetail key={chosen} id={chosen} />
          </div>
        )}
      </div>
    </>
  );
}
