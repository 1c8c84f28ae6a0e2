import { SoftwareAuthenticator } from '@sallyport/testing';
import type {
  CreationOptions,
  CredentialOverrides,
  RequestOptions,
  SoftwareAssertion,
  SoftwareCredential,
} from '@sallyport/testing';
import { signUp } from './customers';
import type { Customer } from './customers';
import type { PublicClient } from './public-client';
import type { PublicResponse } from './public-response';
import { rememberSecret } from './secrets-in-use';
import { challengeFor } from './second-factors';

/** Somebody who is signed in, and has a passkey. */
export interface PasskeyCustomer extends Customer {
  readonly authenticator: SoftwareAuthenticator;
  readonly passkeyId: string;
  readonly recoveryCodes: readonly string[];
}

/** A request of somebody signed in about their passkeys. */
export function askPasskeys(
  client: PublicClient,
  { accessToken }: Pick<Customer, 'accessToken'>,
  method: string,
  path = '',
  json?: unknown,
): Promise<PublicResponse> {
  const body = json === undefined ? {} : { json };
  return client.send({ method, path: `/auth/passkeys${path}`, accessToken, ...body });
}

/** An authenticator whose browser is on the pages of this system. */
export function newAuthenticator(
  client: PublicClient,
  options: { readonly synced?: boolean; readonly aaguid?: string } = {},
): SoftwareAuthenticator {
  return new SoftwareAuthenticator({ origin: `https://${client.host}`, ...options });
}

/** Begins to enrol a passkey. @throws Error when that is refused */
export async function creationOptionsFor(
  client: PublicClient,
  customer: Pick<Customer, 'accessToken'>,
): Promise<CreationOptions> {
  return optionsOf(await askPasskeys(client, customer, 'POST', '/options'));
}

/** Enrols a passkey. @throws Error when that is refused */
export async function enrolPasskey(
  client: PublicClient,
  customer: Customer,
  authenticator = newAuthenticator(client),
): Promise<PasskeyCustomer> {
  const credential = authenticator.create(await creationOptionsFor(client, customer));
  const answer = await askPasskeys(client, customer, 'POST', '', { credential });
  if (answer.status !== 201) throw new Error(`no passkey: ${answer.status} ${answer.body}`);
  const { passkey, recoveryCodes = [] } = answer.json as {
    readonly passkey: { readonly id: string };
    readonly recoveryCodes?: readonly string[];
  };
  return { ...customer, authenticator, passkeyId: passkey.id, recoveryCodes };
}

/** Somebody of their own who has a passkey. */
export async function newPasskeyCustomer(
  client: PublicClient,
  options: { readonly synced?: boolean } = {},
): Promise<PasskeyCustomer> {
  return enrolPasskey(client, await signUp(client), newAuthenticator(client, options));
}

/** What is asked of any passkey. */
export async function loginOptions(client: PublicClient): Promise<RequestOptions> {
  return optionsOf(await client.send({ method: 'POST', path: '/auth/passkeys/login/options' }));
}

/** What is asked of the passkeys of somebody whose password was right. */
export async function secondFactorOptions(
  client: PublicClient,
  mfaToken: string,
): Promise<RequestOptions> {
  const path = '/auth/mfa/passkey/options';
  return optionsOf(await client.send({ method: 'POST', path, json: { mfaToken } }));
}

/** An assertion for a sign-in that begins with it. */
export async function loginAssertion(
  client: PublicClient,
  { authenticator }: Pick<PasskeyCustomer, 'authenticator'>,
  overrides?: CredentialOverrides,
): Promise<Assertion> {
  return remembered(authenticator.get(await loginOptions(client), overrides));
}

/** Gives the password; resolves with the token of the challenge, and an assertion for it. */
export async function secondFactorAssertion(
  client: PublicClient,
  customer: PasskeyCustomer,
  overrides?: CredentialOverrides,
): Promise<{ readonly mfaToken: string; readonly credential: Assertion }> {
  const mfaToken = await challengeFor(client, customer);
  const options = await secondFactorOptions(client, mfaToken);
  return { mfaToken, credential: remembered(customer.authenticator.get(options, overrides)) };
}

/** Signs in with an assertion; whatever comes of it. */
export function passkeyLogin(client: PublicClient, credential: unknown): Promise<PublicResponse> {
  return client.send({ method: 'POST', path: '/auth/passkeys/login', json: { credential } });
}

/** Completes a sign-in with an assertion; whatever comes of it. */
export function verifyPasskey(
  client: PublicClient,
  mfaToken: string,
  credential: unknown,
): Promise<PublicResponse> {
  const json = { mfaToken, method: 'passkey', credential };
  return client.send({ method: 'POST', path: '/auth/mfa/verify', json });
}

export type Assertion = SoftwareCredential<SoftwareAssertion>;

function remembered(assertion: Assertion): Assertion {
  rememberSecret(assertion.response.signature);
  return assertion;
}

function optionsOf(answer: PublicResponse): CreationOptions & RequestOptions {
  if (answer.status !== 200) throw new Error(`no options: ${answer.status} ${answer.body}`);
  const { options } = answer.json as { readonly options: CreationOptions & RequestOptions };
  rememberSecret(options.challenge);
  return options;
}
