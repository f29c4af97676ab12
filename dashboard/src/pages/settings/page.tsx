import { useSession } from "../../api/session";
import { Select } from "../../components/select";
import { Card } from "../../components/card";
import { hasDraft } from "../../drafts";
import { useWords } from "../../i18n/use-words";
import type { Key } from "../../i18n/words";
import { CHOICES, usePreferences, type Preferences } from "../../preferences";
import { AbTestSettings } from "./ab-test";
import { RatingsCard } from "./ratings";
import { KEYS, KeysCard, SignInCard } from "./keys";
import { LanguageModelCard } from "./language-model";
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

export function SettingsPage() {
  const { t } = useWords();
  const scopes = useSession().data?.scopes ?? [];
  // A sign-in that has expired takes no form away that somebody has begun to fill in.
  const hasKeys = scopes.includes("admin") || hasDraft(KEYS);
  return (
    <>
      <h1>{t("page.settings")}</h1>
      <div class="columns">
        <PreferencesCard />
        <SignInCard />
      </div>
      <StocksCard />
      <AbTestSettings />
      <LanguageModelCard />
      <RatingsCard isSignedIn={scopes.length > 0} />
      {hasKeys && <KeysCard />}
    </>
  );
}
