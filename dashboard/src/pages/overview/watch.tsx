import type { Schemas } from "../../api/client";
import { Card, Disclaimer } from "../../components/card";
import { percent } from "../../format";
import { useWords } from "../../i18n/use-words";
import { hrefOf } from "../../route";
import { toWatch } from "../../views/overview";

/** The stocks that are expected to move farthest from their usual, with the newest story about each. */
export function Watch({ data }: { data: Schemas["Dashboard"] }) {
  const { t } = useWords();
  const found = toWatch(data.stocks);
  return (
    <Card title={t("overview.watch")} note={t("overview.watch.note")}>
      {found.length === 0 && <p class="empty">{t("overview.watch.none")}</p>}
      <ul class="list">
        {found.map(({ row, size }) => {
          const story = data.stories.find(({ stock_codes }) => stock_codes?.includes(row.code));
          return (
            <li key={row.code}>
              <a href={hrefOf("stock", row.code)}>{row.name}</a>
              <span class="list-end">
                {t("overview.watch.expected", { usual: percent(size.usual), now: percent(size.expected) })}
                <span class="quiet block">
                  {t("overview.watch.large", { large: percent(size.large), p: percent(size.p_large, 0) })}
                </span>
              </span>
              {story && (
                <span class="quiet block">
                  <a href={hrefOf("news", story.news_id)}>{story.title}</a>
                </span>
              )}
            </li>
          );
        })}
      </ul>
      <Disclaimer />
    </Card>
  );
}
