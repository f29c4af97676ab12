// The figures at the head of the overview: the record, today's opinions and the news.

import type { Schemas } from "../../api/client";
import { BandHits, OpinionAccuracy } from "../../components/record";
import { WordMark } from "../../components/values";
import { count, countTo } from "../../format";
import { useWords } from "../../i18n/use-words";
import { headlineRecord, skillOf, wordsOf } from "../../views/overview";
import { WORDS } from "../../views/word";

type Data = Schemas["Dashboard"];

/** What azak thinks today in one line: how many stocks have which word. */
function Opinions({ data }: { data: Data }) {
  const { t } = useWords();
  const found = wordsOf(data.stocks);
  return (
    <div class="figure">
      <h2>{t("overview.today")}</h2>
      <strong class="opinions">
        {WORDS.map((word) => (
          <WordMark key={word} word={word} n={found[word]} />
        ))}
      </strong>
      <span class="quiet">
        {t("overview.today.note", { n: count(data.stocks.filter(({ forecasts }) => forecasts.length > 0).length) })}
      </span>
    </div>
  );
}

/** How often its opinions were right, how often the band held, and whether there is an edge over the baseline. */
function HeadlineRecord({ data }: { data: Data }) {
  const { t, v } = useWords();
  const record = headlineRecord(data.record);
  const skill = record && skillOf({ accuracy: record.accuracy_shown, brier_skill: record.brier_skill });
  return (
    <div class="figure figure-main">
      <h2>
        {t("overview.record")}
        {record && ` · ${v("mode", record.mode)} · ${t("horizon.days", { n: record.horizon })}`}
      </h2>
      {record && skill ? (
        <>
          <OpinionAccuracy of={record.accuracy_shown} scored={record.n} />
          <BandHits of={record.band_coverage} />
          <span class={`verdict-${skill}`}>{t(`skill.${skill}`)}</span>
        </>
      ) : (
        <span class="quiet">{t("metric.wait")}</span>
      )}
    </div>
  );
}

export function Figures({ data }: { data: Data }) {
  const { t } = useWords();
  const { counts } = data;
  return (
    <div class="figures">
      <HeadlineRecord data={data} />
      <Opinions data={data} />
      <div class="figure">
        <h2>{t("overview.news24")}</h2>
        <strong>{countTo(counts.counted_to, counts.news_24h)}</strong>
        <span class="quiet">
          {t("overview.stories", { n: countTo(counts.counted_to, counts.stories_24h) })} ·{" "}
          {t("overview.predictions", { n: countTo(counts.counted_to, counts.predictions_24h) })}
        </span>
      </div>
    </div>
  );
}
