import type { UseQueryResult } from "@tanstack/react-query";

import type { Schemas } from "../../api/client";
import { Card } from "../../components/card";
import { NewsTimes } from "../../components/news-times";
import { ExternalLink } from "../../components/values";
import { Loaded } from "../../components/states";
import { useWords } from "../../i18n/use-words";
import { hrefOf } from "../../route";
import { byStory } from "../../views/news";

/** Recent news of this stock, a line per story. */
export function NewsOfStock({ code, query }: { code: string; query: UseQueryResult<Schemas["PageOf_NewsItem_"]> }) {
  const { t } = useWords();
  return (
    <Card
      title={t("stock.why")}
      note={t("stock.why.note")}
      actions={<a href={hrefOf("news", null, { stock: code })}>{t("action.all")}</a>}
    >
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
              .map(({ head }) => (
                <li key={head.id}>
                  <a href={hrefOf("news", head.id)}>{head.title}</a>
                  <span class="quiet block">
                    <ExternalLink href={head.url}>{head.publisher}</ExternalLink> · <NewsTimes of={head} /> ·{" "}
                    {t("news.copies", { n: head.story_size ?? 1 })}
                  </span>
                </li>
              ))}
          </ul>
        )}
      </Loaded>
    </Card>
  );
}
