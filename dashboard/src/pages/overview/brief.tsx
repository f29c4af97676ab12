import { POLL_SLOW_MS, useApi } from "../../api/queries";
import { Card } from "../../components/card";
import { useWords } from "../../i18n/use-words";
import { Markdown } from "../../markdown";

/** The newest brief of the watchlist in three lines; nothing before the first one. */
export function Brief() {
  const { t, language } = useWords();
  const query = useApi("/api/briefs", { limit: 1 }, { every_ms: POLL_SLOW_MS });
  const brief = query.data?.items[0];
  if (!brief) return null;
  return (
    <Card title={t("brief.title")}>
      <Markdown text={language === "ko" ? brief.text_ko : brief.text_en} />
    </Card>
  );
}
