import { ProblemError, type Schemas } from "../../api/client";
import { POLL_MS, useApi, usePages } from "../../api/queries";
import { useStockName, useStocks } from "../../api/stock-names";
import { Select, type Choice } from "../../components/select";
import { Card } from "../../components/card";
import { Older, UnknownFilter } from "../../components/lists";
import { NewsTimes } from "../../components/news-times";
import { ExternalLink } from "../../components/values";
import { Loaded, Skeleton } from "../../components/states";
import { countTo } from "../../format";
import { useWords } from "../../i18n/use-words";
import { hrefOf, unknownFilters, useFilter, type Filter } from "../../route";
import { byStory, countNewer } from "../../views/news";
import { NewsDetail } from "./detail";

type Item = Schemas["NewsItem"];
const LIMIT = 80;
const HEIGHT = 900;
const KINDS = ["article", "filing"];
const CODE = /^[0-9]{4}[0-9A-Z]{2}$/;
const FLAGS = ["roundup", "reports_price", "correction", "injection", "future_date", "stale", "undated"];

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

function StoryItem({ head, filter, chosen }: { head: Item; filter: Filter; chosen: boolean }) {
  const { t, v } = useWords();
  return (
    <li class={chosen ? "chosen" : ""}>
      <a href={hrefOf("news", head.id, filter)} aria-current={chosen ? "true" : undefined}>
        {head.title}
      </a>{" "}
      <Stocks codes={head.stock_codes} />
      <span class="quiet block">
        {v("kind", head.kind)} · <ExternalLink href={head.url}>{head.publisher}</ExternalLink> · <NewsTimes of={head} />{" "}
        · {t("news.copies", { n: head.story_size ?? 1 })}{" "}
        {head.flags
          .filter((flag) => FLAGS.includes(flag))
          .map((flag) => (
            <span class="chip">{v("flag", flag)}</span>
          ))}
      </span>
    </li>
  );
}

/** Choices of a filter; one that the address names is among them, known or not. */
function choicesOf(chosen: string | undefined, choices: Choice[], all: string): Choice[] {
  const isListed = !chosen || choices.some(([value]) => value === chosen);
  return [["", all], ...choices, ...(isListed ? [] : [[chosen, chosen] as Choice])];
}

function Filters({ filter, onChange }: { filter: Filter; onChange: (changed: Filter) => void }) {
  const { t, v } = useWords();
  const stocks = useStocks();
  const sources = useApi("/api/sources");
  const choice = (name: string, label: string, options: Choice[]) => (
    <Select
      label={label}
      value={filter[name] ?? ""}
      options={choicesOf(filter[name], options, t("filter.all"))}
      onChange={(value) => onChange({ [name]: value })}
    />
  );
  return (
    <div class="filters filters-fixed">
      {choice(
        "stock",
        t("stock.name"),
        (stocks.data ?? []).map((stock) => [stock.code, stock.name]),
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
        KINDS.map((kind) => [kind, v("kind", kind)]),
      )}
    </div>
  );
}

/** Filters of the address that the page does not know, as words; null until the sources are known. */
function useUnknown(filter: Filter): string | null {
  const sources = useApi("/api/sources");
  if (filter["source"] && sources.isPending) return null;
  return unknownFilters(filter, { stock: CODE, source: sources.data?.items.map(({ id }) => id) ?? /./, kind: KINDS });
}

/** Stories of a filter. The list does not move: newer items are counted, and shown on request. */
function Stories({ filter, chosen }: { filter: Filter; chosen: string | null }) {
  const { t } = useWords();
  const asked = { stock_code: filter["stock"], source: filter["source"], kind: filter["kind"], limit: LIMIT };
  const list = usePages("/api/news", asked);
  const newest = list.data?.[0];
  const since = useApi(
    "/api/news",
    { ...asked, since: newest?.known_at },
    { every_ms: POLL_MS, enabled: list.data !== undefined },
  );
  const found = since.data?.items ?? [];
  const newer = newest ? countNewer(found, newest.id) : found.length;
  if (list.error instanceof ProblemError && list.error.problem.status === 404) {
    return <UnknownFilter href={hrefOf("news")} filters={`stock=${filter["stock"]}`} />;
  }
  return (
    <>
      <p class="newer" role="status">
        {newer > 0 && (
          <button type="button" onClick={() => void list.refetch()}>
            {t("news.newer", { n: countTo(LIMIT, newer) })}
          </button>
        )}
      </p>
      <Loaded query={list} height={HEIGHT} isEmpty={(items) => items.length === 0} empty={t("news.empty")}>
        {(loaded) => (
          <ul class="list">
            {byStory(loaded).map(({ head, items }) => (
              <StoryItem
                key={head.id}
                head={head}
                filter={filter}
                chosen={items.some((item) => String(item.id) === chosen)}
              />
            ))}
          </ul>
        )}
      </Loaded>
      <Older list={list} words="news.older" />
    </>
  );
}

export function NewsPage({ chosen }: { chosen: string | null }) {
  const { t } = useWords();
  const [filter, change] = useFilter();
  const unknown = useUnknown(filter);
  return (
    <>
      <h1>{t("page.news")}</h1>
      <Filters filter={filter} onChange={change} />
      <div class={chosen ? "columns" : "columns columns-one"}>
        <Card title={t("news.stories")} note={t("news.note")}>
          {unknown === null && <Skeleton height={HEIGHT} />}
          {unknown && <UnknownFilter href={hrefOf("news")} filters={unknown} />}
          {unknown === "" && <Stories key={hrefOf("news", null, filter)} filter={filter} chosen={chosen} />}
        </Card>
        {chosen && (
          <div class="sticky">
            <NewsDetail key={chosen} id={chosen} filter={filter} />
          </div>
        )}
      </div>
    </>
  );
}
