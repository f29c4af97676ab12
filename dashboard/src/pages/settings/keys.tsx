import { useEffect } from "preact/hooks";

import type { Schemas } from "../../api/client";
import { useApi } from "../../api/queries";
import { useSession } from "../../api/session";
import { WriteButton } from "../../components/actions";
import { Field, FieldGroup, Form } from "../../components/forms";
import { Card } from "../../components/card";
import { Table } from "../../components/table";
import { Moment } from "../../components/values";
import { Loaded, SIGN_IN_FIELD } from "../../components/states";
import { useWords, type Words } from "../../i18n/use-words";
import type { Key } from "../../i18n/words";
import { cameToSignIn, returnToPlace } from "../../sign-in-return";

function SignInForm() {
  const { t } = useWords();
  useEffect(() => {
    if (cameToSignIn()) document.getElementById(SIGN_IN_FIELD)?.focus();
  }, []);
  return (
    <Form<Schemas["SessionItem"]>
      path="/api/session"
      body={({ key }) => ({ key })}
      submit={t("settings.signIn")}
      onDone={() => {
        returnToPlace();
        return t("form.done");
      }}
    >
      <Field
        id={SIGN_IN_FIELD}
        name="key"
        label={t("settings.key")}
        type="password"
        required
        minLength={8}
        autoComplete="current-password"
      />
    </Form>
  );
}

function scopeWords(scopes: readonly string[], t: Words["t"]): string {
  return scopes.map((scope) => t(`settings.scope.${scope}` as Key)).join(", ");
}

/** Signs this browser in: the key is exchanged for an HttpOnly cookie and not kept by the page. */
export function SignInCard() {
  const { t } = useWords();
  const session = useSession();
  return (
    <Card title={t("settings.signIn")} note={t("settings.signIn.note")}>
      <Loaded query={session} height={116}>
        {(found) =>
          found.name ? (
            <p>{t("settings.signedIn", { name: found.name, scopes: scopeWords(found.scopes, t) })}</p>
          ) : (
            <SignInForm />
          )
        }
      </Loaded>
    </Card>
  );
}

function cellsOf(item: Schemas["KeyItem"], { t }: Words) {
  return [
    item.name,
    scopeWords(item.scopes, t),
    <Moment at={item.created_at} />,
    <Moment at={item.expires_at} />,
    item.revoked_at ? (
      <>
        {t("settings.revoked")} <Moment at={item.revoked_at} />
      </>
    ) : (
      <WriteButton path={`/api/keys/${item.id}/revoke`} label={`${t("action.revoke")}: ${item.name}`}>
        {t("action.revoke")}
      </WriteButton>
    ),
  ];
}

const SCOPES = ["read", "write", "admin"] as const;
export const KEYS = "/api/keys";

export function KeysCard() {
  const words = useWords();
  const { t } = words;
  const query = useApi(KEYS);
  const body = (fields: Record<string, string>) => ({
    name: fields["name"],
    scopes: SCOPES.filter((scope) => fields[scope] === "on"),
  });
  return (
    <Card title={t("settings.keys")} note={t("settings.keys.note")}>
      <Loaded query={query} height={160} isEmpty={(found) => found.items.length === 0} empty={t("settings.keys.empty")}>
        {(found) => (
          <Table
            label={t("settings.keys")}
            head={[t("settings.name"), t("settings.scopes"), t("run.created"), t("settings.expires"), t("job.actions")]}
            rows={found.items.map((item) => ({ key: item.id, cells: cellsOf(item, words) }))}
          />
        )}
      </Loaded>
      <h3>{t("settings.keys.add")}</h3>
      <Form<Schemas["NewKeyItem"]>
        path={KEYS}
        body={body}
        submit={t("settings.keys.add")}
        onDone={(made) => (
          <>
            {t("settings.keys.once")} <code>{made.key}</code>
          </>
        )}
      >
        <Field name="name" label={t("settings.name")} hint={t("settings.keys.name")} required />
        <FieldGroup name="scopes" label={t("settings.scopes")}>
          {SCOPES.map((scope) => (
            <label>
              <input type="checkbox" name={scope} defaultChecked={scope === "read"} /> {t(`settings.scope.${scope}`)}
            </label>
          ))}
        </FieldGroup>
      </Form>
    </Card>
  );
}
