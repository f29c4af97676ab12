// Says where a person meets it that every source of prices is off, and how to switch one on.

import { useWords } from "../i18n/use-words";
import { hrefOf } from "../route";
import { useHealth } from "./frame/banner";

/** Nothing while prices come. */
export function MissingPrices() {
  const { t } = useWords();
  const missing = useHealth().data?.missing ?? [];
  const data = (["prices", "live_prices"] as const).find((name) => missing.includes(name));
  if (!data) return null;
  return (
    <p class="stale" role="note" data-missing={data}>
      {t(`missing.${data}`)} {t("missing.how")}{" "}
      <a href={hrefOf("operations", null, { show: "sources" })}>{t("missing.sources")}</a>
    </p>
  );
}
