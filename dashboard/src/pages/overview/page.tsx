import { useMemo } from "preact/hooks";

import { POLL_MS, POLL_SLOW_MS, useApi } from "../../api/queries";
import { Loaded } from "../../components/states";
import { useWords } from "../../i18n/use-words";
import { hrefOf } from "../../route";
import { Brief } from "./brief";
import { Figures } from "./figures";
import { Records } from "./records";
import { Stories } from "./stories";
import { Watchlist } from "./watchlist";

function NothingYet() {
  const { t } = useWords();
  return (
    <>
      <p>{t("overview.empty")}</p>
      <p>
        <code>azak up --demo</code> · <a href={hrefOf("settings")}>{t("overview.empty.add")}</a>
      </p>
    </>
  );
}

export function OverviewPage() {
  const { t } = useWords();
  const query = useApi("/api/dashboard", {}, { every_ms: POLL_MS });
  const moved = useApi("/api/dashboard/moves", {}, { every_ms: POLL_SLOW_MS });
  const moves = useMemo(() => new Map(moved.data?.items.map((item) => [item.stock_code, item])), [moved.data]);
  return (
    <>
      <h1 class="hidden">{t("page.overview")}</h1>
      <Loaded query={query} height={900} isEmpty={(data) => data.stocks.length === 0} empty={<NothingYet />}>
        {(data) => (
          <>
            <Watchlist data={data} moves={moves} indexes={moved.data?.indexes ?? []} />
            <Figures data={data} />
            <div class="columns columns-side">
              <Stories data={data} />
              <div>
                <Brief />
                <Records record={data.record} />
              </div>
            </div>
          </>
        )}
      </Loaded>
    </>
  );
}
