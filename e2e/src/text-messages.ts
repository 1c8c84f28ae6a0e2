import { randomInt } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { knownFacts, sharedCluster } from './cluster-facts';
import type { Customer } from './customers';
import { messagesIn } from './outbox';
import type { PublicClient, WireHeaders } from './public-client';
import type { PublicResponse } from './public-response';
import { askMfa } from './second-factors';
import { rememberSecret } from './secrets-in-use';

const AREA_CODES = [202, 212, 213, 305, 312, 404, 415, 503, 512, 602, 617, 646, 702, 718, 808, 917];

/** Somebody who is signed in, and whose phone is sent codes. */
export interface PhoneCustomer extends Customer {
  readonly phoneNumber: string;
  readonly recoveryCodes: readonly string[];
}

/** One of the numbers that are given to nobody (555-0100 to 555-0199), and to no other spec within the hour of its limit; it is to stand in no log. */
export function newPhoneNumber(): string {
  for (;;) {
    const area = AREA_CODES[randomInt(AREA_CODES.length)] ?? 202;
    const number = `+1${area}55501${String(randomInt(100)).padStart(2, '0')}`;
    if (!isClaimed(number)) continue;
    rememberSecret(number);
    return number;
  }
}

/** Whether a number is this spec's now: of those who make a folder at once one succeeds. */
function isClaimed(number: string): boolean {
  const { claimsFolder } = knownFacts();
  mkdirSync(claimsFolder, { recursive: true });
  try {
    mkdirSync(join(claimsFolder, number));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The text messages that a number was sent, the oldest first. */
export function messagesTo(phoneNumber: string): readonly string[] {
  const messages = messagesIn(sharedCluster().outbox);
  return messages.filter((message) => message.startsWith(`To: ${phoneNumber}\n`));
}

/** The code of the last message to a number; whoever is answered that it was sent finds it. */
export function lastCodeTo(phoneNumber: string): string {
  const code = /\n\n(\d{6}) /.exec(messagesTo(phoneNumber).at(-1) ?? '')?.[1];
  if (code === undefined) throw new Error('no message with a code');
  return code;
}

/** Any code but this one. */
export function otherThan(code: string): string {
  return code === '000000' ? '000001' : '000000';
}

/** Asks to enrol a number; whatever comes of it. */
export function beginPhone(
  client: PublicClient,
  customer: Pick<Customer, 'accessToken'>,
  phoneNumber: string,
): Promise<PublicResponse> {
  return askMfa(client, customer, 'POST', '/sms', { phoneNumber, acceptsRisk: true });
}

/** Gives the code that was sent to a number that is being enrolled. */
export function confirmPhone(
  client: PublicClient,
  customer: Pick<Customer, 'accessToken'>,
  code: string,
): Promise<PublicResponse> {
  return askMfa(client, customer, 'POST', '/sms/confirm', { code });
}

/** Enrols a number. @throws Error when that is refused */
export async function enrolPhone(
  client: PublicClient,
  customer: Customer,
  phoneNumber = newPhoneNumber(),
): Promise<PhoneCustomer> {
  const begun = await beginPhone(client, customer, phoneNumber);
  if (begun.status !== 202) throw new Error(`no message: ${begun.status} ${begun.body}`);
  const answer = await confirmPhone(client, customer, lastCodeTo(phoneNumber));
  if (answer.status !== 200) throw new Error(`not confirmed: ${answer.status} ${answer.body}`);
  const { recoveryCodes = [] } = answer.json as { readonly recoveryCodes?: readonly string[] };
  return { ...customer, phoneNumber, recoveryCodes };
}

/** Has a code sent for a challenge; whatever comes of it. */
export function sendCode(
  client: PublicClient,
  mfaToken: string,
  headers: WireHeaders = [],
): Promise<PublicResponse> {
  const path = '/auth/mfa/sms/send';
  return client.send({ method: 'POST', path, headers, json: { mfaToken } });
}

/** Has a code sent for a challenge, and gives it. @throws Error when that is refused */
export async function codeFor(
  client: PublicClient,
  mfaToken: string,
  { phoneNumber }: Pick<PhoneCustomer, 'phoneNumber'>,
): Promise<string> {
  const answer = await sendCode(client, mfaToken);
  if (answer.status !== 202) throw new Error(`no message: ${answer.status} ${answer.body}`);
  return lastCodeTo(phoneNumber);
}
