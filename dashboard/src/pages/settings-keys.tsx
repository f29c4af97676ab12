import { useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useState } from "preact/hooks";

import { write, type Schemas } from "../api/client";
import { useApi } from "../api/queries";
import { Form } from "../components/forms";
import { Card, Moment, Table } from "../components/parts";
import { Failure, Loaded } from "../components/states";
import { useWords } from "../i18n/use-words";

/** Who this browser is. The key leaves the field for an HttpOnly cookie; the page never keeps it. */
export function SignInCard({ session }: { session: UseQueryResult<Schemas["SessionItem"]> }) {
  const { t } = useWords();
  const client = useQueryClient();
  const signOut = async () => {
    await write("DELETE", "/api/session");
    await client.invalidateQueries();
  };
  return (
    <Card title={t("settings.signIn")} note={t("settings.signIn.note")}>
      <Loaded query={session} height={110}>
        {(found) =>
          found.name ? (
            <p>
              {t("settings.signedIn", { name: found.name, scopes: found.scopes.join(", ") })}{" "}
              <button type="button" onClick={() => void signOut()}>
                {t("action.signOut")}
              </button>
            </p>
          ) : (
            <Form<Schemas["SessionItem"]>
              path="/api/session"
              body={({ key }) => ({ key })}
              submit={t("settings.signIn")}
            >
              <label>
                {t("settings.key")}{" "}
                <input type="password" name="key" required minLength={8} autoComplete="current-password" />
              </label>
            </Form>
          )
        }
      </Loaded>
    </Card>
  );
}

function KeyLine({ item }: { item: Schemas["KeyItem"] }) {
  const { t } = useWords();
  const client = useQueryClient();
  const [error, setError] = useState<Error | null>(null);
  const revoke = async () => {
    try {
      await write("POST", `/api/keys/${item.id}/revoke`);
      await client.invalidateQueries({ queryKey: ["/api/keys"] });
    } catch (failure) {
      setError(failure as Error);
    }
  };
  return (
    <tr>
      <th scope="row">{item.name}</th>
      <td>{item.scopes.join(", ")}</td>
      <td>
        <Moment at={item.created_at} />
      </td>
      <td>
        <Moment at={item.expires_at} />
      </td>
      <td>
        {item.revoked_at ? (
          <>
            {t("settings.revoked")} <Moment at={item.revoked_at} />
          </>
        ) : (
          <button type="button" aria-label={`${t("action.revoke")}: ${item.name}`} onClick={() => void revoke()}>
            {t("action.revoke")}
          </button>
        )}
        {error && <Failure error={error} />}
      </td>
    </tr>
  );
}

const SCOPES = ["read", "write", "admin"];

export function KeysCard() {
  const { t } = useWords();
  const query = useApi("/api/keys");
  const body = (fields: Record<string, string>) => ({
    name: fields["name"],
    scopes: SCOPES.filter((scope) => fields[scope] === "on"),
  });
  return (
    <Card title={t("settings.keys")} note={t("settings.keys.note")} wide>
      <Loaded query={query} height={160} isEmpty={(found) => found.items.length === 0} empty={t("settings.keys.empty")}>
        {(found) => (
          <Table
            label={t("settings.keys")}
            head={[t("settings.name"), t("settings.scopes"), t("run.created"), t("settings.expires"), t("job.actions")]}
          >
            {found.items.map((item) => (
              <KeyLine key={item.id} item={item} />
            ))}
          </Table>
        )}
      </Loaded>
      <h3>{t("settings.keys.add")}</h3>
      <Form<Schemas["NewKeyItem"]>
        path="/api/keys"
        body={body}
        submit={t("settings.keys.add")}
        onDone={(made) => (
          <>
            {t("settings.keys.once")} <code>{made.key}</code>
          </>
        )}
      >
        <label>
          {t("settings.name")} <input name="name" required maxLength={60} />
        </label>
        <fieldset>
          <legend>{t("settings.scopes")}</legend>
          {SCOPES.map((scope) => (
            <label>
              <input type="checkbox" name={scope} defaultChecked={scope === "read"} /> {scope}
            </label>
          ))}
        </fieldset>
      </Form>
    </Card>
  );
}
