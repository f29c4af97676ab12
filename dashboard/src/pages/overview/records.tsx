import type { Schemas } from "../../api/client";
import { Card } from "../../components/card";
import { BandHits, OpinionAccuracy } from "../../components/record";
import { Table } from "../../components/table";
import { useWords } from "../../i18n/use-words";
import { hrefOf } from "../../route";

/** The record of each mode and horizon, in short. */
export function Records({ record }: { record: Schemas["RecordItem"][] }) {
  const { t, v } = useWords();
  const rows = record.map((item) => ({
    key: `${item.mode} ${item.horizon}`,
    cells: [
      <>
        {v("mode", item.mode)} <span class="quiet block">{t("horizon.days", { n: item.horizon })}</span>
      </>,
      <>
        <OpinionAccuracy of={item.accuracy_shown} scored={item.n} />
        <BandHits of={item.band_coverage} />
      </>,
    ],
  }));
  return (
    <Card
      title={t("overview.records")}
      note={t("overview.records.note")}
      actions={<a href={hrefOf("models")}>{t("action.more")}</a>}
    >
      {rows.length === 0 ? (
        <p class="empty">{t("metric.wait")}</p>
      ) : (
        <Table label={t("overview.records")} head={[t("metric.mode"), t("metric.accuracy")]} rows={rows} isDense />
      )}
    </Card>
  );
}
