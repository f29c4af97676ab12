import type { Schemas } from "../../api/client";
import { POLL_MS, useApi } from "../../api/queries";
import { useSession } from "../../api/session";
import { RunButton, WriteButton } from "../../components/actions";
import { Card } from "../../components/card";
import { Field, Form } from "../../components/forms";
import { Loaded } from "../../components/states";
import { Table } from "../../components/table";
import { Ago } from "../../components/values";
import { hasDraft } from "../../drafts";
import { useWords, type Words } from "../../i18n/use-words";
import { errorSentence } from "../../views/runs";
import { byTrouble, toneOfSource } from "./view";

type Source = Schemas["SourceItem"];

const pathOf = (source: Source) => `/api/sources/${source.id}`;

function State({ source }: { source: Source }) {
  const { t, v } = useWords();
  return (
    <span class={`wrap ${toneOfSource(source.state)}`}>
      {v("condition", source.state)}
      {source.off_reason && (
        <span class="quiet block" title={source.off_reason}>
          {source.off ? t(`off.${source.off.code}`, { setting: source.off.setting }) : source.off_reason}
        </span>
      )}
    </span>
  );
}

/** Keys go to the scheduler's file and come back to no page. */
function KeysForm({ source }: { source: Source }) {
  const { t } = useWords();
  return (
    <details open={hasDraft(pathOf(source))}>
      <summary>{t(source.off?.code === "needs_key" ? "source.key.add" : "source.key.change")}</summary>
      <Form
        method="PATCH"
        path={pathOf(source)}
        body={(fields) => ({ keys: Object.entries(fields).map(([setting, value]) => ({ setting, value })) })}
        submit={t("source.key.keep")}
        onDone={() => t("source.key.kept")}
      >
        {source.key_settings.map((setting) => (
          <Field
            key={setting}
            name={setting}
            label={setting.replace("AZAK_SOURCES_", "")}
            type="password"
            required
            minLength={8}
            autoComplete="off"
          />
        ))}
      </Form>
    </details>
  );
}

function useIsAdmin(): boolean {
  return useSession().data?.scopes.includes("admin") ?? false;
}

function Actions({ source }: { source: Source }) {
  const { t } = useWords();
  const isAdmin = useIsAdmin();
  const code = source.off?.code;
  const mayBeSwitched = source.state !== "off" || code === "switched_off" || code === "needs_consent";
  const switchWords = t(source.state === "off" ? "source.on" : "source.off");
  return (
    <span class="buttons">
      {source.state !== "off" && (
        <RunButton
          path="/api/jobs/check_sources/runs"
          body={{ arguments: { sources: [source.id] } }}
          label={`${t("source.check")}: ${source.id}`}
        >
          {t("source.check")}
        </RunButton>
      )}
      {mayBeSwitched && (
        <WriteButton
          method="PATCH"
          path={pathOf(source)}
          body={{ on: source.state === "off" }}
          label={`${switchWords}: ${source.id}`}
        >
          {switchWords}
        </WriteButton>
      )}
      {isAdmin && source.key_settings.length > 0 && <KeysForm source={source} />}
    </span>
  );
}

function cellsOf(source: Source, { v, language }: Words) {
  return [
    <>
      {source.id} <span class="quiet block">{v("source", source.kind)}</span>
    </>,
    <State source={source} />,
    <Ago at={source.last_ok_at} />,
    <Ago at={source.newest_item_at} />,
    source.last_error_at && (
      <span class="wrap">
        <Ago at={source.last_error_at} />: {errorSentence(language, source.last_error)}
      </span>
    ),
    <Actions source={source} />,
  ];
}

/** Each source: how it does, and its switch, its keys and a try. */
export function SourcesCard() {
  const words = useWords();
  const { t } = words;
  const isAdmin = useIsAdmin();
  const query = useApi("/api/sources", {}, { every_ms: POLL_MS });
  const head = [
    t("news.source"),
    t("news.state"),
    t("source.lastOk"),
    t("source.newest"),
    t("source.lastError"),
    t("job.actions"),
  ];
  return (
    <Card title={t("operations.sources")} note={isAdmin ? undefined : t("operations.sources.note")}>
      <Loaded query={query} height={260} isEmpty={(found) => found.items.length === 0} empty={t("source.empty")}>
        {(found) => (
          <Table
            label={t("operations.sources")}
            head={head}
            rows={byTrouble(found.items, ({ state }) => toneOfSource(state)).map((source) => ({
              key: source.id,
              cells: cellsOf(source, words),
            }))}
          />
        )}
      </Loaded>
    </Card>
  );
}
