import { useApi } from "../../api/queries";
import { Select } from "../../components/forms";
import { Card } from "../../components/card";
import { useWords } from "../../i18n/use-words";
import type { Key } from "../../i18n/words";
import { CHOICES, usePreferences, type Preferences } from "../../preferences";
import { AbTestSettings } from "./ab-test";
import { RatingsCard } from "./ratings";
import { KeysCard, SignInCard } from "./keys";
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
  const session = useApi("/api/session");
  const scopes = session.data?.scopes ?? [];
  return (
    <>
      <h1>{t("page.settings")}</h1>
      <div class="columns">
        <PreferencesCard />
        <SignInCard session={session} />
      </div>
      <StocksCard />
      <AbTestSettings />
      <RatingsCard isSignedIn={scopes.length > 0} />
      {scopes.includes("admin") && <KeysCard />}
    </>
  );
}
