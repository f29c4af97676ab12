import type { Schemas } from "../../api/client";
import { WriteButton } from "../../components/actions";
import { useHealth } from "../../components/frame/banner";
import { Card } from "../../components/card";
import { Loaded } from "../../components/states";
import { moment, relative } from "../../format";
import { useWords } from "../../i18n/use-words";
import { isOfData, placeOf } from "./view";
import { pausedOf, reasonOf } from "../../views/reasons";
import { troubleOf } from "../../views/refusals";

type Health = Schemas["HealthReport"];

function HealthFigure({ name, tone, note, children }: { name: string; tone: string; note?: string; children: string }) {
  return (
    <div class="figure">
      <h2>{name}</h2>
      <strong class={tone}>{children}</strong>
      <span class="quiet one-line">{note || "\u00a0"}</span>
    </div>
  );
}

function HealthFigures({ health: { database, scheduler, models, overdue_jobs, version } }: { health: Health }) {
  const { t, v, language } = useWords();
  const age_s = scheduler.heartbeat_age_s;
  const { engine } = models.details;
  const isCurrent = database.reachable && database.revision === database.expected_revision;
  const schema = database.reachable ? `${t("operations.revision")} ${database.revision ?? "–"}` : "";
  const late = overdue_jobs.map((job) => v("job", job)).join(", ");
  return (
    <section aria-label={t("operations.health")} class="figures">
      <HealthFigure name="API" tone="good" note={version}>
        {t("health.ok")}
      </HealthFigure>
      <HealthFigure name={t("operations.database")} tone={isCurrent ? "good" : "bad"} note={schema}>
        {t(database.reachable ? (isCurrent ? "health.ok" : "health.degraded") : "operations.unreachable")}
      </HealthFigure>
      <HealthFigure
        name={t("operations.scheduler")}
        tone={scheduler.state === "active" ? "good" : "bad"}
        note={age_s === null ? "" : relative(-Math.round(age_s), language)}
      >
        {v("scheduler", scheduler.state)}
      </HealthFigure>
      <HealthFigure
        name={t("operations.models")}
        tone={models.state === "ready" ? "good" : "busy"}
        note={typeof engine === "string" ? engine : ""}
      >
        {v("models", models.state)}
      </HealthFigure>
      <HealthFigure name={t("operations.overdue")} tone={late ? "bad" : "good"} note={late}>
        {overdue_jobs.length ? String(overdue_jobs.length) : t("operations.none")}
      </HealthFigure>
    </section>
  );
}

function TroubleLine({ trouble }: { trouble: Schemas["ReasonItem"] }) {
  const { t, language } = useWords();
  const { code, since } = trouble;
  const place = placeOf(trouble);
  return (
    <li title={trouble.reason}>
      <strong>{troubleOf(language, code)}</strong>{" "}
      <span class="quiet">
        {since ? (
          <time dateTime={since}>{t("operations.since", { since: moment(since, language) })}</time>
        ) : (
          isOfData(trouble) && t("operations.never")
        )}
      </span>
      <span class="block">
        {reasonOf(language, trouble)} {place && <a href={place.href}>{t(`operations.to.${place.show}`)}</a>}
      </span>
    </li>
  );
}

/**
 * What may have been forgotten, which is little and where the head of every page leads, and what needs a look, since when
 * and what to do; the API's sentences as titles.
 */
export function ReasonsCard() {
  const { t, v, language } = useWords();
  const health = useHealth().data;
  const troubles = health?.troubles ?? [];
  const notices = health?.notices ?? [];
  if (troubles.length + notices.length === 0) return null;
  return (
    <Card title={t("operations.reasons")}>
      <ul class="list">
        {health?.paused_jobs.map((paused, number) => (
          <li key={paused.job}>
            {pausedOf(language, paused, notices[number] ?? paused.job)}{" "}
            <WriteButton
              method="PATCH"
              path={`/api/jobs/${paused.job}`}
              body={{ paused: false }}
              label={`${t("action.resume")}: ${v("job", paused.job)}`}
            >
              {t("action.resume")}
            </WriteButton>
          </li>
        ))}
        {troubles.map((trouble) => (
          <TroubleLine key={`${trouble.code}:${trouble.subject}`} trouble={trouble} />
        ))}
      </ul>
    </Card>
  );
}

/** State of each part of the system in a word. */
export function HealthCard() {
  const query = useHealth();
  return (
    <Loaded query={query} height={110}>
      {(health) => <HealthFigures health={health} />}
    </Loaded>
  );
}
