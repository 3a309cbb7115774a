/** Signing in: passkey, e-mail address with password, or the organisation's own sign-in, whichever this node offers. */
import { account, system } from "@holdfast/api";
import { Button, PasswordInput, TextInput } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { failureOf } from "../shell/failure.ts";
import { useAct, useAnswer } from "../shell/queries.ts";
import type { Failure } from "../ui/load-state.ts";
import { Failed, Loaded } from "../ui/notice.tsx";
import { canUsePasskeys, signInWithPasskey } from "./passkey.ts";
import { PublicPage } from "./public-page.tsx";
import styles from "./public-page.module.css";
import { safeReturn } from "./safe-return.ts";

const route = getRouteApi("/sign-in");

export function SignInPage() {
  const { returnTo, problem } = route.useSearch();
  const { state } = useAnswer(system.getNode, {});
  const target = safeReturn(returnTo);
  return (
    <PublicPage title="Sign in">
      {problem && (
        <Failed
          failure={{
            code: problem,
            message: "your organisation's sign-in did not let you in",
            nextStep: "Try again, or ask an administrator of this node whether your account is known here.",
          }}
        />
      )}
      <Loaded state={state}>
        {(node) =>
          node.needsSetUp ? (
            <p>This node has no account yet. Open the one-time set-up link that it printed when it started.</p>
          ) : (
            <Ways node={node} target={target} />
          )
        }
      </Loaded>
    </PublicPage>
  );
}

function Ways({ node, target }: { node: system.NodeInfo; target: string }) {
  const [failure, setFailure] = useState<Failure>();
  const enter = () => location.assign(target); // loads anew, so that nothing of the signed-out page stays
  const usePasskey = async () => {
    setFailure(undefined);
    try {
      await signInWithPasskey();
      enter();
    } catch (error) {
      setFailure(failureOf(error));
    }
  };
  const others = node.signIn.passkey || node.signIn.oidc;
  return (
    <>
      {node.signIn.password && <PasswordForm onEnter={enter} />}
      {node.signIn.password && others && <div className={styles.or}>or</div>}
      {node.signIn.passkey && (
        <Button
          variant="default"
          fullWidth
          disabled={!canUsePasskeys()}
          title={canUsePasskeys() ? undefined : "Passkeys need https or localhost, and a browser that knows them"}
          onClick={() => void usePasskey()}
        >
          Sign in with a passkey
        </Button>
      )}
      {node.signIn.oidc && (
        <Button
          variant="default"
          fullWidth
          component="a"
          href={`/auth/oidc/start?${new URLSearchParams({ returnTo: target })}`}
        >
          Sign in with your organisation
        </Button>
      )}
      {failure && <Failed failure={failure} />}
    </>
  );
}

function PasswordForm({ onEnter }: { onEnter: () => void }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const { act, isBusy, failure, fields } = useAct(account.signIn, { isLeaving: true });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const done = await act({ body: { email, password } });
    if (done.ok) onEnter();
  };
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      <TextInput
        label="E-mail address"
        type="email"
        name="email"
        autoComplete="username"
        required
        value={email}
        error={fields["email"]}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <PasswordInput
        label="Password"
        name="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      {failure && <Failed failure={failure} />}
      <Button type="submit" loading={isBusy}>
        Sign in
      </Button>
    </form>
  );
}
