import type { UseQueryResult } from "@tanstack/react-query";

import type { Schemas } from "../../api/client";
import { Card } from "../../components/card";
import { ExternalLink, Moment } from "../../components/values";
import { Loaded } from "../../components/states";
import { useWords } from "../../i18n/use-words";
import { hrefOf } from "../../route";
import { byStory } from "../../views/news";

/** Recent news of this stock, a line per story. */
export function NewsOfStock({ code, query }: { code: string; query: UseQueryResult<Schemas["PageOf_NewsItem_"]> }) {
  const { t } = useWords();
  return (
    <Card title={t("stock.why")} note={t("stock.why.note")} actions={<a href={hrefOf("news")}>{t("action.all")}</a>}>
      <Loaded
        query={query}
        height={210}
        isEmpty={(page) => page.items.length === 0}
        empty={t("stock.why.empty", { code })}
      >
        {(page) => (
          <ul class="list list-two">
            {byStory(page.items)
              .slice(0, 6)
              .map(({ head, items }) => (
                <li key={head.id}>
                  <a href={hrefOf("news", head.id)}>{head.title}</a>
                  <span class="quiet block">
                    <ExternalLink href={head.url}>{head.publisher}</ExternalLink> · <Moment at={head.known_at} /> ·{" "}
                    {t("news.copies", { n: items.length })}
                  </span>
                </li>
              ))}
          </ul>
        )}
      </Loaded>
    </Card>
  );
}
