import { useEffect, useRef } from "preact/hooks";

import { write } from "../../api/client";
import { useSession } from "../../api/session";
import { shortTime } from "../../format";
import { useWords } from "../../i18n/use-words";
import type { Key } from "../../i18n/words";
import { CHOICES, usePreferences, type Preferences } from "../../preferences";
import { hrefOf, type Page } from "../../route";
import { useHealth } from "./banner";
import { Search } from "./search";
import { goToSignIn } from "../states";

const LINKS: Page[] = ["overview", "news", "models", "operations", "settings"];

/** A button that selects the next choice of a preference; its label names the current one. */
function Switch({ name, icon }: { name: keyof Preferences; icon: string }) {
  const preferences = usePreferences();
  const { t } = useWords();
  const choices: readonly string[] = CHOICES[name];
  const current = preferences[name];
  const next = choices[(choices.indexOf(current) + 1) % choices.length];
  const label = `${t(`preference.${name}` as Key)}: ${t(`preference.${name}.${current}` as Key)}`;
  return (
    <button
      type="button"
      class="switch"
      data-switch={name}
      data-icon={icon}
      title={label}
      aria-label={label}
      onClick={() => preferences.choose({ [name]: next })}
    />
  );
}

/** Calls `focus` when "/" is pressed outside of a form field. */
function useSearchKey(focus: () => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      focus();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, [focus]);
}

/** Overall health in one word, linked to the operations page. */
function HealthChip() {
  const { t } = useWords();
  const { data, isError } = useHealth();
  if (!data && !isError) return <span class="health" />;
  const state = isError ? "lost" : data.status;
  return (
    <a class={`health health-${state}`} href={hrefOf("operations")}>
      {t(`health.${state}`)}
    </a>
  );
}

/** How many jobs somebody has paused, and which, linked to where they are resumed. */
function PausedChip() {
  const { t, v } = useWords();
  const paused = useHealth().data?.paused_jobs ?? [];
  if (paused.length === 0) return null;
  const jobs = t("paused.jobs", { jobs: paused.map(({ job }) => v("job", job)).join(", ") });
  return (
    <a class="chip chip-paused" href={hrefOf("operations", null, { show: "jobs" })} title={jobs} aria-label={jobs}>
      {paused.length}
      <span>{t("paused.count")}</span>
    </a>
  );
}

/** Whether the exchange is open, and whether the data is the demo's. */
function MarketChips() {
  const { t, language } = useWords();
  const health = useHealth().data;
  const market = health?.market;
  return (
    <>
      {health?.demo && (
        <span class="chip chip-demo" title={t("demo.note")}>
          {t("demo.badge")}
        </span>
      )}
      {market && (
        <span class="chip chip-market">
          {t(`market.${market.state}`, { until: shortTime(market.until, language) })}
        </span>
      )}
    </>
  );
}

/** Who is signed in, with the way out; else the way in, which leads back here. */
function Account() {
  const { t } = useWords();
  const session = useSession().data;
  if (!session?.name) {
    return (
      <a class="account" hidden={!session} href={hrefOf("settings")} onClick={goToSignIn}>
        {t("settings.signIn")}
      </a>
    );
  }
  return (
    <button
      type="button"
      class="account"
      title={t("account.is", { name: session.name })}
      onClick={() => void signOut()}
    >
      {t("action.signOut")}
    </button>
  );
}

/** The reload forgets what only a signed-in reader may see. */
async function signOut(): Promise<void> {
  await write("DELETE", "/api/session").catch(() => undefined);
  location.reload();
}

export function Header({ page }: { page: Page }) {
  const { t } = useWords();
  const { language, theme } = usePreferences();
  const field = useRef<HTMLInputElement>(null);
  useSearchKey(() => field.current?.focus());
  return (
    <header class="head">
      <a class="brand" href={hrefOf("overview")}>
        azak
      </a>
      <nav aria-label={t("nav.label")}>
        {LINKS.map((link) => (
          <a href={hrefOf(link)} aria-current={link === page ? "page" : undefined}>
            {t(`page.${link}` as Key)}
          </a>
        ))}
      </nav>
      <Search field={field} />
      <div class="chips">
        <MarketChips />
        <HealthChip />
        <PausedChip />
      </div>
      <div class="switches">
        <Switch name="language" icon={language === "ko" ? "한" : "En"} />
        <Switch name="theme" icon={{ auto: "◐", light: "☀", dark: "☾" }[theme]} />
        <Switch name="colours" icon="▲▼" />
      </div>
      <Account />
    </header>
  );
}
