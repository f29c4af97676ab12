// Parts of a list: the button for its next page, and the refusal of an address whose filters it does not know.

import type { Pages } from "../api/queries";
import { useWords } from "../i18n/use-words";
import type { Key } from "../i18n/words";
import { Failure } from "./states";

interface OlderProps<Item> {
  list: Pages<Item>;
  words?: Key;
  /** Where only the first items of what has loaded are on display: how many, and what shows more. */
  shown?: number;
  onOlder?: () => void;
}

/** Appends older items; nothing at the end of the list. */
export function Older<Item>({ list, words = "list.older", shown = Infinity, onOlder }: OlderProps<Item>) {
  const { t } = useWords();
  const loaded = list.data?.length ?? 0;
  if (!list.hasNextPage && shown >= loaded) return null;
  const append = () => {
    onOlder?.();
    if (list.hasNextPage && !list.isFetchingNextPage && shown >= loaded) void list.fetchNextPage();
  };
  return (
    <div class="older">
      {list.isFetchNextPageError && <Failure error={list.error} />}
      <button type="button" aria-busy={list.isFetchingNextPage} onClick={append}>
        {t(list.isFetchingNextPage ? "state.loading" : words)}
      </button>
    </div>
  );
}

/** Stands in place of a list whose address asks for something unknown. */
export function UnknownFilter({ href, filters }: { href: string; filters: string }) {
  const { t } = useWords();
  return (
    <div class="failure" role="alert">
      <p>
        {t("filter.unknown", { filters })} <a href={href}>{t("filter.reset")}</a>
      </p>
    </div>
  );
}
