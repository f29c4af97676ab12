import type { Schemas } from "../../api/client";
import { useWords } from "../../i18n/use-words";

/** Why the verdict is what it is. A test that an earlier azak decided has the English sentence alone. */
export function Why({ panel }: { panel: Schemas["Panel"] }) {
  const { t } = useWords();
  return <span class="quiet">{panel.code ? t(`ab.why.${panel.code}`, panel.values) : panel.reason}</span>;
}
