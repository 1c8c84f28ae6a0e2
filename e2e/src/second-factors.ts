import { createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { renew, signUp } from './customers';
import type { Customer } from './customers';
import type { PublicClient, WireHeaders } from './public-client';
import type { PublicResponse } from './public-response';

const PERIOD_MS = 30_000;
/** Nearer to the end of a time step no code is made, which would be one step older when it arrives. */
const MARGIN_MS = 5_000;

/** Somebody who is signed in, and has an authenticator app and recovery codes. */
export interface EnrolledCustomer extends Customer {
  readonly secret: string;
  readonly recoveryCodes: readonly string[];
}

/**
 * What an authenticator app shows (RFC 6238: SHA-1, six digits, thirty seconds), or will, or did. Of one secret each step is
 * accepted once: whoever needs several codes takes them in rising order.
 */
export async function totpCode(secret: string, stepsAway = 0): Promise<string> {
  await untilStepLasts();
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / PERIOD_MS) + stepsAway));
  const mac = createHmac('sha1', fromBase32(secret)).update(counter).digest();
  const truncated = mac.readUInt32BE((mac.at(-1) ?? 0) & 0xf) & 0x7fffffff;
  return String(truncated % 1_000_000).padStart(6, '0');
}

/** Waits for the next time step when the present one is as good as over. */
export async function untilStepLasts(): Promise<void> {
  const left = PERIOD_MS - (Date.now() % PERIOD_MS);
  if (left < MARGIN_MS) await delay(left);
}

/** RFC 4648 section 6. */
function fromBase32(text: string): Buffer {
  const bits = Array.from(text, (letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  ).join('');
  return Buffer.from((bits.match(/[01]{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}

/** A request of somebody signed in about their second factors. */
export function askMfa(
  client: PublicClient,
  { accessToken }: Pick<Customer, 'accessToken'>,
  method: string,
  path = '',
  json?: unknown,
): Promise<PublicResponse> {
  const body = json === undefined ? {} : { json };
  return client.send({ method, path: `/auth/mfa${path}`, accessToken, ...body });
}

/** Begins to enrol an app. @throws Error when that is refused */
export async function beginTotp(client: PublicClient, customer: Customer): Promise<string> {
  const answer = await askMfa(client, customer, 'POST', '/totp');
  const { secret } = answer.json as { readonly secret?: string };
  if (secret === undefined) throw new Error(`no secret: ${answer.status} ${answer.body}`);
  return secret;
}

/** Enrols an app, by the code of the step before: those of now and of the next are left to use. */
export async function enrolTotp(
  client: PublicClient,
  customer: Customer,
): Promise<EnrolledCustomer> {
  const secret = await beginTotp(client, customer);
  const code = await totpCode(secret, -1);
  const answer = await askMfa(client, customer, 'POST', '/totp/confirm', { code });
  const { recoveryCodes } = answer.json as { readonly recoveryCodes?: readonly string[] };
  if (recoveryCodes === undefined) throw new Error(`no codes: ${answer.status} ${answer.body}`);
  return { ...customer, secret, recoveryCodes };
}

/** Authenticates again in the calling session: by the password, and by whatever else the account has. */
export function stepUp(
  client: PublicClient,
  { accessToken, password }: Pick<Customer, 'accessToken' | 'password'>,
  proof: object = {},
): Promise<PublicResponse> {
  const json = { password, ...proof };
  return client.send({ method: 'POST', path: '/auth/step-up', accessToken, json });
}

/** Somebody who has just signed in with an app, and whose tokens say so. */
export async function signUpWithApp(client: PublicClient): Promise<EnrolledCustomer> {
  const enrolled = await enrolTotp(client, await signUp(client));
  return { ...enrolled, ...(await renew(client, enrolled)) };
}

/** Gives the password; resolves with the token of the challenge. @throws Error when there is none */
export async function challengeFor(
  client: PublicClient,
  { email, password }: Pick<Customer, 'email' | 'password'>,
  headers: WireHeaders = [],
): Promise<string> {
  const path = '/auth/login';
  const answer = await client.send({ method: 'POST', path, headers, json: { email, password } });
  const { mfaToken } = answer.json as { readonly mfaToken?: string };
  if (mfaToken === undefined) throw new Error(`no challenge: ${answer.status} ${answer.body}`);
  return mfaToken;
}

/** Gives a code for a challenge. */
export function verifyCode(
  client: PublicClient,
  mfaToken: string,
  code: string,
  { method = 'totp', headers = [] as WireHeaders } = {},
): Promise<PublicResponse> {
  const path = '/auth/mfa/verify';
  return client.send({ method: 'POST', path, headers, json: { mfaToken, method, code } });
}
