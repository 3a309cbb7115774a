/** Takes a one-time set-up link: who it is for, a password, and in. The token stands in the fragment, which no server sees. */
import { account } from "@holdfast/api";
import { Button, PasswordInput, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useAct, useAnswer } from "../shell/queries.ts";
import { EmptyState, Failed, Loaded } from "../ui/notice.tsx";
import { Time } from "../ui/time.tsx";
import { PublicPage } from "./public-page.tsx";
import styles from "./public-page.module.css";

export function SetUpPage() {
  const [token] = useState(() => location.hash.slice(1));
  return (
    <PublicPage title="Set up your account" meaning="This link works once. Choose how you will sign in from now on.">
      {token.length < 20 ? (
        <EmptyState what="The address has no set-up token. Open the whole link that you were given." />
      ) : (
        <Link token={token} />
      )}
    </PublicPage>
  );
}

function Link({ token }: { token: string }) {
  const { state } = useAnswer(account.readSetUpLink, { body: { token } });
  return <Loaded state={state}>{(link) => <SetUpForm token={token} {...link} />}</Loaded>;
}

function SetUpForm({
  token,
  name: knownName,
  email: knownEmail,
  roles,
  endsAt,
}: {
  token: string;
  name: string | null;
  email: string | null;
  roles: readonly string[];
  endsAt: string;
}) {
  const [name, setName] = useState(knownName ?? "");
  const [email, setEmail] = useState(knownEmail ?? "");
  const [password, setPassword] = useState("");
  const { act, isBusy, failure, fields } = useAct(account.setUp, { isLeaving: true });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const done = await act({ body: { token, name, email, password } });
    if (done.ok) location.assign("/");
  };
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      <TextInput
        label="Your name"
        name="name"
        autoComplete="name"
        required
        value={name}
        error={fields["name"]}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label="E-mail address"
        description={knownEmail ? "The link is for this address." : undefined}
        type="email"
        name="email"
        autoComplete="username"
        required
        readOnly={knownEmail !== null}
        value={email}
        error={fields["email"]}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <PasswordInput
        label="Password"
        description={`At least ${account.PASSWORD_LENGTH_MIN} characters. Several words are better than signs.`}
        name="new-password"
        autoComplete="new-password"
        required
        minLength={account.PASSWORD_LENGTH_MIN}
        maxLength={account.PASSWORD_LENGTH_MAX}
        value={password}
        error={fields["password"]}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      {failure && <Failed failure={failure} />}
      <Button type="submit" loading={isBusy}>
        Set up and sign in
      </Button>
      {roles.length > 0 && (
        <p className="dimmed">
          Your account has {roles.length === 1 ? "the role" : "the roles"} {roles.join(", ")}. Admins change roles under
          People.
        </p>
      )}
      <p className="dimmed">
        The link ends <Time at={endsAt} />.
      </p>
    </form>
  );
}
