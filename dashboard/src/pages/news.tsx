import { useEffect, useState } from "preact/hooks";

import type { Schemas } from "../api/client";
import { CALMLY_MS, useApi } from "../api/queries";
import { Card, Change, Moment, Outside, Table } from "../components/parts";
import { Loaded } from "../components/states";
import { count } from "../format";
import { useWords } from "../i18n/use-words";
import { hrefOf } from "../route";
import { byStory, countNewer } from "../views/news";
import { SimilarStories } from "./news-similar";

type Item = Schemas["NewsItem"];
const FLAGS = ["roundup", "reports_price", "correction", "injection"];

function Stocks({ codes }: { codes: string[] | null }) {
  return (
    <>
      {(codes ?? []).map((code) => (
        <a class="chip" href={hrefOf("stock", code)}>
          {code}
        </a>
      ))}
    </>
  );
}

function Group({ head, items, chosen }: { head: Item; items: Item[]; chosen: boolean }) {
  const { t, v } = useWords();
  return (
    <li class={chosen ? "chosen" : ""}>
      <a href={hrefOf("news", head.id)} aria-current={chosen ? "true" : undefined}>
        {head.title}
      </a>{" "}
      <Stocks codes={head.stock_codes} />
      <span class="quiet block">
        {v("kind", head.kind)} · <Outside href={head.url}>{head.publisher}</Outside> · <Moment at={head.known_at} /> ·{" "}
        {t("news.copies", { n: items.length })}
        {head.flags
          .filter((flag) => FLAGS.includes(flag))
          .map((flag) => (
            <span class="chip">{v("flag", flag)}</span>
          ))}
      </span>
    </li>
  );
}

function Impacts({ impacts }: { impacts: Schemas["ImpactItem"][] }) {
  const { t, v } = useWords();
  if (impacts.length === 0) return <p class="empty">{t("news.noImpact")}</p>;
  return (
    <Table
      label={t("news.impact")}
      head={[t("stock.name"), t("metric.horizon"), t("news.state"), t("news.return"), t("call.return")]}
    >
      {impacts.map((impact) => (
        <tr>
          <th scope="row">
            <a href={hrefOf("stock", impact.stock_code)}>{impact.stock_code}</a>
          </th>
          <td>{t("horizon.days", { n: impact.horizon })}</td>
          <td>
            {v("outcome", impact.state)}
            {impact.void_reason ? ` (${impact.void_reason})` : ""}
          </td>
          <td>
            <Change value={impact.raw_return} />
          </td>
          <td>
            <Change value={impact.adjusted_return} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Detail({ id }: { id: string }) {
  const { t, v } = useWords();
  const query = useApi("/api/news/{news_id}", { news_id: id });
  return (
    <Card title={t("news.story")}>
      <Loaded query={query} height={420}>
        {({ news, links, story, impacts }) => (
          <>
            <h3 class="headline">{news.title}</h3>
            <p>{news.snippet}</p>
            <p class="quiet">
              {news.publisher} · {t("news.known")} <Moment at={news.known_at} /> · {t("news.published")}{" "}
              <Moment at={news.published_at} />
            </p>
            <p>
              <Outside href={news.url}>{t("news.open")}</Outside>
            </p>
            {story && (
              <p class="quiet">
                {v("event", story.event_type)} · {t("news.copies", { n: story.size })} ·{" "}
                {t("news.materiality", { n: story.materiality })}
              </p>
            )}
            <p>
              {links.map((link) => (
                <a class="chip" href={hrefOf("stock", link.stock_code)} title={v("method", link.method)}>
                  {link.name}
                </a>
              ))}
            </p>
            <h3>{t("news.impact")}</h3>
            <Impacts impacts={impacts} />
            <SimilarStories id={id} />
          </>
        )}
      </Loaded>
    </Card>
  );
}

interface Filter {
  stock_code: string;
  source: string;
  kind: string;
}

function Filters({ filter, onChange }: { filter: Filter; onChange: (changed: Partial<Filter>) => void }) {
  const { t, v } = useWords();
  const stocks = useApi("/api/stocks", { limit: 200 });
  const sources = useApi("/api/sources");
  const select = (name: keyof Filter, label: string, options: [string, string][]) => (
    <label>
      {label}{" "}
      <select value={filter[name]} onChange={(event) => onChange({ [name]: event.currentTarget.value })}>
        <option value="">{t("filter.all")}</option>
        {options.map(([value, text]) => (
          <option value={value}>{text}</option>
        ))}
      </select>
    </label>
  );
  return (
    <div class="filters">
      {select(
        "stock_code",
        t("stock.name"),
        (stocks.data?.items ?? []).map((stock) => [stock.code, stock.name]),
      )}
      {select(
        "source",
        t("news.source"),
        (sources.data?.items ?? [])
          .filter((source) => source.kind !== "prices")
          .map((source) => [source.id, source.id]),
      )}
      {select(
        "kind",
        t("news.kind"),
        ["article", "filing"].map((kind) => [kind, v("kind", kind)]),
      )}
    </div>
  );
}

/** What the reader sees stays; newer news waits behind a button instead of pushing the page down. */
function useHeld(items: Item[] | undefined, filter: Filter): { shown: Item[]; newer: number; showNewer: () => void } {
  const [held, setHeld] = useState<Item[] | null>(null);
  useEffect(() => setHeld(null), [filter]);
  useEffect(() => {
    if (held === null && items) setHeld(items);
  }, [held, items]);
  const shown = held ?? items ?? [];
  return { shown, newer: countNewer(items ?? [], shown[0]?.id ?? null), showNewer: () => setHeld(items ?? null) };
}

export function NewsPage({ chosen }: { chosen: string | null }) {
  const { t } = useWords();
  const [filter, setFilter] = useState<Filter>({ stock_code: "", source: "", kind: "" });
  const query = useApi("/api/news", { ...filter, limit: 80 }, { every_ms: CALMLY_MS });
  const { shown, newer, showNewer } = useHeld(query.data?.items, filter);
  return (
    <>
      <h1>{t("page.news")}</h1>
      <Filters filter={filter} onChange={(changed) => setFilter((current) => ({ ...current, ...changed }))} />
      <div class={chosen ? "columns columns-two columns-detail" : "columns columns-one"}>
        {chosen && <Detail key={chosen} id={chosen} />}
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
                  <Group
                    key={head.id}
                    head={head}
                    items={items}
                    chosen={items.some((item) => String(item.id) === chosen)}
                  />
                ))}
              </ul>
            )}
          </Loaded>
        </Card>
      </div>
    </>
  );
}
