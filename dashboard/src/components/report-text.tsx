// A report as text: as of when and by whom, what was wrong in it, its files, and its words.

import { urlOf, type Schemas } from "../api/client";
import { useWords } from "../i18n/use-words";
import { Markdown } from "../markdown";
import { hrefOf } from "../route";
import { Moment } from "./values";

const FORMS = ["pdf", "html", "md"];

/** The same report as a file, in the language of the page. */
function Files({ id }: { id: number }) {
  const { t, language } = useWords();
  return (
    <p class="quiet">
      {t("report.files")}{" "}
      {FORMS.map((form) => (
        <>
          <a href={urlOf(`/api/reports/${id}.${form}`, { language })} target="_blank" rel="noreferrer">
            {form.toUpperCase()}
          </a>{" "}
        </>
      ))}
    </p>
  );
}

/** What stands above the words of a report. */
export function ReportHead({ report }: { report: Schemas["ReportFull"] }) {
  const { t, v } = useWords();
  return (
    <>
      <p class="quiet">
        <Moment at={report.asof} /> · {v("trigger", report.trigger)} · {report.writer} · {report.model} {report.version}
      </p>
      {report.corrected_by !== null && (
        <p class="note">
          <a href={hrefOf("report", report.corrected_by)}>{t("report.corrected", { id: report.corrected_by })}</a>
        </p>
      )}
      {report.corrects.length > 0 && (
        <p class="note">
          {t("report.corrects")}{" "}
          {report.corrects.map((id) => (
            <a href={hrefOf("report", id)}>{id}</a>
          ))}
        </p>
      )}
      <Files id={report.id} />
    </>
  );
}

export function ReportWords({ report }: { report: Schemas["ReportFull"] }) {
  const { language } = useWords();
  return <Markdown text={language === "ko" ? report.text_ko : report.text_en} headingOffset={1} />;
}
