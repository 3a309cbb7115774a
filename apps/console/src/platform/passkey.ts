/** Passkey ceremonies: options from the node, the browser's own dialog, and its answer back to the node. WebAuthn level 3, JSON forms. */
import { account } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import {
  browserSupportsWebAuthn,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
} from "@simplewebauthn/browser";
import { api } from "../shell/api.ts";

/** Whether this browser, on this address, can use passkeys; they need https or localhost. */
export function canUsePasskeys(): boolean {
  return window.isSecureContext && browserSupportsWebAuthn();
}

/** Signs in with a passkey that the reader chooses. @throws Problem */
export async function signInWithPasskey(): Promise<void> {
  const options = await api.call(account.beginPasskeySignIn, {});
  // the node makes these options with the same library's server part
  const optionsJSON = options.body as unknown as PublicKeyCredentialRequestOptionsJSON;
  const response = await cancelled(() => startAuthentication({ optionsJSON }));
  await api.call(account.passkeySignIn, { body: { response: { ...response } } });
}

/** Makes a passkey for the reader's own account. @throws Problem */
export async function registerPasskey(name: string): Promise<void> {
  const options = await api.call(account.beginPasskeyRegistration, {});
  // as above
  const optionsJSON = options.body as unknown as PublicKeyCredentialCreationOptionsJSON;
  const response = await cancelled(() => startRegistration({ optionsJSON }));
  await api.call(account.registerPasskey, { body: { name, response: { ...response } } });
}

/** The browser throws for a closed dialog, a timeout and a refusal alike, and says little on purpose. */
async function cancelled<Value>(ceremony: () => Promise<Value>): Promise<Value> {
  try {
    return await ceremony();
  } catch (cause) {
    throw new Problem("passkey/not-completed", "the browser did not complete the passkey dialog", { cause });
  }
}
