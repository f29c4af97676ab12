import type { Schemas } from "../../api/client";
import { useApi } from "../../api/queries";
import { useStockName } from "../../api/stock-names";
import { Card } from "../../components/card";
import { Table } from "../../components/table";
import { NewsTimes } from "../../components/news-times";
import { Change, ExternalLink } from "../../components/values";
import { Loaded } from "../../components/states";
import { useWords } from "../../i18n/use-words";
import { hrefOf, type Filter } from "../../route";
import { SimilarStories } from "./similar";

/** Returns after the story, a row per stock and horizon. */
function Impacts({ impacts }: { impacts: Schemas["ImpactItem"][] }) {
  const { t, v } = useWords();
  const nameOf = useStockName();
  if (impacts.length === 0) return <p class="empty">{t("news.noImpact")}</p>;
  const rows = impacts.map((impact) => ({
    key: `${impact.stock_code} ${impact.horizon}`,
    cells: [
      <>
        <a href={hrefOf("stock", impact.stock_code)}>{nameOf(impact.stock_code)}</a>{" "}
        <span class="quiet">{t("horizon.days", { n: impact.horizon })}</span>
      </>,
      `${v("outcome", impact.state)}${impact.void_reason ? ` (${v("void", impact.void_reason)})` : ""}`,
      <Change value={impact.raw_return} />,
      <Change value={impact.adjusted_return} />,
    ],
  }));
  const head = [t("stock.name"), t("news.state"), t("news.return"), t("call.return")];
  return <Table label={t("news.impact")} head={head} rows={rows} isDense />;
}

/** One news item: its text, its stocks, the returns after it, and similar stories. */
export function NewsDetail({ id, filter }: { id: string; filter: Filter }) {
  const { t, v } = useWords();
  const query = useApi("/api/news/{news_id}", { news_id: id });
  return (
    <Card title={t("news.story")} actions={<a href={hrefOf("news", null, filter)}>{t("action.close")}</a>}>
      <Loaded query={query} height={420}>
        {({ news, links, story, impacts }) => (
          <>
            <h3 class="headline">{news.title}</h3>
            <p>{news.snippet}</p>
            <p class="quiet">
              {news.publisher} · <NewsTimes of={news} />
            </p>
            <p>
              <ExternalLink href={news.url}>{t("news.open")}</ExternalLink>
            </p>
            {story && (
              <p class="quiet">
                {v("event", story.event_type)} ({v("sign", story.sign)}) · {t("news.copies", { n: story.size })} ·{" "}
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
