import { useWords } from "../../i18n/use-words";
import { hrefOf } from "../../route";
import { reasonOf, type Moved, type Row } from "../../views/watchlist";

/** Why a stock is as it is, in one line: its trouble, the story that fits its move, else its newest event as such. */
export function ReasonLine({ row, move }: { row: Pick<Row, "status" | "event">; move: Moved["move"] | undefined }) {
  const { t, v } = useWords();
  const reason = reasonOf(row, move);
  if (reason.kind === "trouble") return <strong class="bad">{v("status", reason.status)}</strong>;
  if (reason.kind === "none") return <>–</>;
  if (reason.kind === "cause") return <>{v("cause", reason.cause)}</>;
  return (
    <a class="plain" href={hrefOf("news", reason.news_id)} title={`${v("event", reason.event_type)}: ${reason.title}`}>
      {reason.kind === "event" && <span class="quiet">{t("row.event")} </span>}
      {reason.title}
    </a>
  );
}
