import { useApi } from "../api/queries";
import { Change, Moment, Table } from "../components/parts";
import { Loaded } from "../components/states";
import { useWords } from "../i18n/use-words";
import { hrefOf } from "../route";

/** Older stories like this one and what the price did after them. */
export function SimilarStories({ id }: { id: string }) {
  const { t, v } = useWords();
  const query = useApi("/api/news/{news_id}/similar", { news_id: id });
  return (
    <>
      <h3>{t("news.similar")}</h3>
      <Loaded query={query} height={160} isEmpty={(found) => found.items.length === 0} empty={t("news.similar.empty")}>
        {(found) => (
          <Table
            label={t("news.similar")}
            head={[t("news.story"), t("news.known"), t("news.similarity"), t("call.return")]}
          >
            {found.items.map((item) => (
              <tr key={item.story_id}>
                <th scope="row" class="wrap">
                  <a href={hrefOf("news", item.news_id)}>{item.title}</a>{" "}
                  <span class="quiet">{v("event", item.event_type)}</span>
                </th>
                <td>
                  <Moment at={item.first_known_at} />
                </td>
                <td class="number">{item.similarity.toFixed(2)}</td>
                <td>
                  {item.stock_code ? (
                    <>
                      <a href={hrefOf("stock", item.stock_code)}>{item.stock_code}</a>{" "}
                      <Change value={item.adjusted_return} />
                    </>
                  ) : (
                    "–"
                  )}
                </td>
              </tr>
            ))}
          </Table>
        )}
      </Loaded>
    </>
  );
}
