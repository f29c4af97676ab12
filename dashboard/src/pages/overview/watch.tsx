import type { Schemas } from "../../api/client";
import { Card, Disclaimer } from "../../components/card";
import { SizeBar, SizeWords } from "../../components/size";
import { Change, WordMark } from "../../components/values";
import { useWords } from "../../i18n/use-words";
import { hrefOf } from "../../route";
import { toWatch } from "../../views/sizes";
import { wordOf } from "../../views/word";

type Row = Schemas["StockRow"];

/** Where something may happen: a move larger than usual, or an event that is still fresh. */
export function Watch({ stocks }: { stocks: Row[] }) {
  const { t, v } = useWords();
  const found = toWatch(stocks);
  return (
    <Card title={t("watch.title")} note={t("watch.note")}>
      {found.length === 0 && <p class="empty">{t("watch.none")}</p>}
      <ul class="list list-two">
        {found.map(({ code, name, change, size, event, forecasts }) => (
          <li key={code}>
            <a href={hrefOf("stock", code)}>{name}</a> <Change value={change} />{" "}
            {forecasts
              .filter(({ verdict }) => verdict === "call")
              .map((call) => (
                <WordMark key={call.horizon} word={wordOf(call, call.base_rate)} />
              ))}
            {size && (
              <span class="block">
                <SizeBar size={size} /> <SizeWords size={size} />
              </span>
            )}
            {event && (
              <span class="block">
                <a class="plain" href={hrefOf("news", event.news_id)}>
                  {event.title}
                </a>{" "}
                <span class="quiet">
                  {v("event", event.event_type)} ({v("sign", event.sign)})
                </span>
              </span>
            )}
          </li>
        ))}
      </ul>
      <Disclaimer />
    </Card>
  );
}
