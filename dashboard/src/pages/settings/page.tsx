// The settings, a page for each subject.

import type { ComponentChildren } from "preact";

import { useSession } from "../../api/session";
import { Card } from "../../components/card";
import { Tabs } from "../../components/frame/tabs";
import { Select } from "../../components/select";
import { Loaded } from "../../components/states";
import { hasDraft } from "../../drafts";
import { useWords } from "../../i18n/use-words";
import type { Key } from "../../i18n/words";
import { CHOICES, usePreferences, type Preferences } from "../../preferences";
import { hrefOf } from "../../route";
import { AbTestSettings } from "./ab-test";
import { KEYS, KeysCard, SignInCard } from "./keys";
import { LanguageModelCard } from "./language-model";
import { RatingsCard } from "./ratings";
import { StocksCard } from "./stocks";

function PreferencesCard() {
  const { t } = useWords();
  const preferences = usePreferences();
  return (
    <Card title={t("settings.preferences")} note={t("settings.preferences.note")}>
      <div class="fields">
        {(Object.keys(CHOICES) as (keyof Preferences)[]).map((name) => (
          <Select
            label={t(`preference.${name}` as Key)}
            value={preferences[name]}
            options={CHOICES[name].map((choice) => [choice, t(`preference.${name}.${choice}` as Key)])}
            onChange={(choice) => preferences.choose({ [name]: choice })}
          />
        ))}
      </div>
    </Card>
  );
}

function Account() {
  return (
    <div class="columns">
      <SignInCard />
      <PreferencesCard />
    </div>
  );
}

function Ratings() {
  const session = useSession();
  return <RatingsCard isSignedIn={(session.data?.scopes ?? []).length > 0} />;
}

/** A sign-in that has expired takes no form away that somebody has begun to fill in. */
function Keys() {
  const { t } = useWords();
  const session = useSession();
  return (
    <Loaded query={session} height={400}>
      {({ scopes }) =>
        scopes.includes("admin") || hasDraft(KEYS) ? (
          <KeysCard />
        ) : (
          <Card title={t("settings.keys")} note={t("settings.keys.note")}>
            <p class="empty">{t("settings.keys.signIn")}</p>
          </Card>
        )
      }
    </Loaded>
  );
}

interface Subject {
  /** The last part of its address; empty for the page itself. */
  name: string;
  title: Key;
  content: () => ComponentChildren;
}

const ACCOUNT: Subject = { name: "", title: "settings.account", content: Account };
const SUBJECTS: readonly Subject[] = [
  ACCOUNT,
  { name: "stocks", title: "settings.stocks", content: StocksCard },
  { name: "ab-test", title: "ab.title", content: AbTestSettings },
  { name: "ratings", title: "rating.title", content: Ratings },
  { name: "language-model", title: "llm.title", content: LanguageModelCard },
  { name: "keys", title: "settings.keys", content: Keys },
];

export function SettingsPage({ chosen }: { chosen: string | null }) {
  const { t } = useWords();
  const { name, content: Content } = SUBJECTS.find((subject) => subject.name === chosen) ?? ACCOUNT;
  return (
    <>
      <h1>{t("page.settings")}</h1>
      <Tabs
        label={t("page.settings")}
        tabs={SUBJECTS.map((one) => [one.name, t(one.title), hrefOf("settings", one.name || null)])}
        open={name}
      />
      <Content />
    </>
  );
}
