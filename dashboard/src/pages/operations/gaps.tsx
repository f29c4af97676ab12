import type { Schemas } from "../../api/client";
import { useApi, POLL_MS } from "../../api/queries";
import { Card } from "../../components/card";
import { Table } from "../../components/table";
import { Ago, Moment } from "../../components/values";
import { useWords, type Words } from "../../i18n/use-words";

function cellsOf(gap: Schemas["FeedGapItem"], { t }: Words) {
  return [
    gap.source,
    <>
      <Moment at={gap.since} /> – <Moment at={gap.until} />
    </>,
    <span class={`wrap ${gap.closed_at ? "good" : "bad"}`}>
      {gap.closed_at ? t("gap.filled", { source: gap.filled_by ?? "" }) : (gap.reason ?? t("gap.waiting"))}
    </span>,
    <Ago at={gap.found_at} />,
  ];
}

/** What feeds did not show: a feed holds only its newest items. Nothing when there is no gap. */
export function GapsCard() {
  const words = useWords();
  const { t } = words;
  const gaps = useApi("/api/sources", {}, { every_ms: POLL_MS }).data?.gaps ?? [];
  if (gaps.length === 0) return null;
  return (
    <Card title={t("gap.title")} note={t("gap.note")}>
      <Table
        label={t("gap.title")}
        head={[t("news.source"), t("gap.span"), t("news.state"), t("gap.found")]}
        rows={gaps.map((gap) => ({ key: `${gap.source} ${gap.since}`, cells: cellsOf(gap, words) }))}
      />
    </Card>
  );
}
