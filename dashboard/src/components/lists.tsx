// Parts of a list: the button for its next page, and the refusal of an address whose filters it does not know.

import type { Pages } from "../api/queries";
import { useWords } from "../i18n/use-words";
import type { Key } from "../i18n/words";
import { hrefOf, type Page } from "../route";
import { Failure } from "./states";

/** Appends older items; nothing at the end of the list. */
export function Older<Item>({ list, words = "list.older" }: { list: Pages<Item>; words?: Key }) {
  const { t } = useWords();
  if (!list.hasNextPage) return null;
  return (
    <div class="older">
      {list.isFetchNextPageError && <Failure error={list.error} />}
      <button
        type="button"
        aria-busy={list.isFetchingNextPage}
        onClick={() => void list.fetchNextPage({ cancelRefetch: !list.isFetchingNextPage })}
      >
        {t(list.isFetchingNextPage ? "state.loading" : words)}
      </button>
    </div>
  );
}

/** Stands in place of a list whose address asks for something unknown. */
export function UnknownFilter({ page, filters }: { page: Page; filters: string }) {
  const { t } = useWords();
  return (
    <div class="failure" role="alert">
      <p>
        {t("filter.unknown", { filters })} <a href={hrefOf(page)}>{t("filter.reset")}</a>
      </p>
    </div>
  );
}
