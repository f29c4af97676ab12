import type { Schemas } from "../../api/client";
import { useApi } from "../../api/queries";
import { useStockName } from "../../api/stock-names";
import { Table } from "../../components/table";
import { Change, Moment } from "../../components/values";
import { Loaded } from "../../components/states";
import { decimal } from "../../format";
import { useWords, type Words } from "../../i18n/use-words";
import { hrefOf } from "../../route";

function cellsOf(item: Schemas["SimilarItem"], { v }: Words, nameOf: (code: string) => string) {
  return [
    <span class="wrap">
      <a href={hrefOf("news", item.news_id)}>{item.title}</a>
      <span class="quiet block">
        <Moment at={item.first_known_at} /> · {v("event", item.event_type)}
      </span>
    </span>,
    decimal(item.similarity, 2),
    item.stock_code ? (
      <>
        <a href={hrefOf("stock", item.stock_code)}>{nameOf(item.stock_code)}</a> <Change value={item.adjusted_return} />
      </>
    ) : (
      "–"
    ),
  ];
}

/** Older stories similar to this one, with the returns after them. */
export function SimilarStories({ id }: { id: string }) {
  const words = useWords();
  const { t } = words;
  const nameOf = useStockName();
  const query = useApi("/api/news/{news_id}/similar", { news_id: id });
  return (
    <>
      <h3>{t("news.similar")}</h3>
      <Loaded query={query} height={160} isEmpty={(found) => found.items.length === 0} empty={t("news.similar.empty")}>
        {(found) => (
          <Table
            label={t("news.similar")}
            head={[t("news.story"), t("news.similarity"), t("call.return")]}
            rows={found.items.map((item) => ({ key: item.story_id, cells: cellsOf(item, words, nameOf) }))}
          />
        )}
      </Loaded>
    </>
  );
}
