import type { Schemas } from "../../api/client";
import { Card } from "../../components/card";
import { NewsTimes } from "../../components/news-times";
import { ExternalLink } from "../../components/values";
import { useWords } from "../../i18n/use-words";
import { hrefOf } from "../../route";

/** The newest stories of all stocks. */
export function Stories({ data }: { data: Schemas["Dashboard"] }) {
  const { t, v } = useWords();
  const names = new Map(data.stocks.map(({ code, name }) => [code, name]));
  return (
    <Card title={t("overview.newest")} actions={<a href={hrefOf("news")}>{t("action.all")}</a>}>
      {data.stories.length === 0 && <p class="empty">{t("news.empty")}</p>}
      <ul class="list">
        {data.stories.slice(0, 8).map((story) => (
          <li key={story.id}>
            <a href={hrefOf("news", story.news_id)}>{story.title}</a>
            <span class="quiet block">
              <ExternalLink href={story.url}>{story.publisher}</ExternalLink> ·{" "}
              <NewsTimes of={{ ...story, known_at: story.first_known_at }} /> · {v("event", story.event_type)} ·{" "}
              {t("news.copies", { n: story.size })}
            </span>
            {(story.stock_codes ?? []).slice(0, 4).map((code) => (
              <a class="chip" href={hrefOf("stock", code)}>
                {names.get(code) ?? code}
              </a>
            ))}
          </li>
        ))}
      </ul>
    </Card>
  );
}
