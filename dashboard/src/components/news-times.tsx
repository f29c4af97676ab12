import { day, dayOf } from "../format";
import { useWords } from "../i18n/use-words";
import { timesOf, type Timed } from "../views/news";
import { Moment } from "./values";

/** When an item was published, and when azak saw it where that is much later. */
export function NewsTimes({ of: item }: { of: Timed }) {
  const { t } = useWords();
  const { published, isDay, seen } = timesOf(item);
  return (
    <>
      {published && (isDay ? <time dateTime={published}>{day(dayOf(published))}</time> : <Moment at={published} />)}
      {published && seen && " · "}
      {seen && (
        <>
          {t("news.seen")} <Moment at={seen} />
        </>
      )}
    </>
  );
}
