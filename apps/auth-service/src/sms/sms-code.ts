import { createHash, createHmac, randomInt } from 'node:crypto';
import { mfaTokenDigest } from '../mfa/mfa-token';
import type { MfaToken } from '../mfa/mfa-token';
import type { KeyEncryption } from '../signing-keys/key-encryption';

const DIGITS = 6;
const CODE = /^\d{6}$/;

/** Seconds for which a code works (SP 800-63B-4 section 3.1.3.2: ten minutes at most). */
export const CODE_SECONDS = 5 * 60;

/** Seconds from one message to the next for the same request. */
export const RESEND_SECONDS = 30;

/** A code is void after so many tries. */
export const TRIES_PER_CODE = 5;

/** What a code is for, and worth nothing for anything else: 32 bytes. */
export type CodeBinding = Buffer;

/** For a sign-in whose password was right. */
export function boundToChallenge(token: MfaToken): CodeBinding {
  return mfaTokenDigest(token);
}

/** For a step-up of a session. */
export function boundToSession(sessionId: string): CodeBinding {
  return createHash('sha256').update(`session:${sessionId}`).digest();
}

/** For a number that is being enrolled. */
export function boundToEnrolment(factorId: string): CodeBinding {
  return createHash('sha256').update(`enrolment:${factorId}`).digest();
}

/** Six digits, each code as likely as any other. */
export function newSmsCode(): string {
  return String(randomInt(10 ** DIGITS)).padStart(DIGITS, '0');
}

/** As people type it, with or without blanks; undefined for what cannot be a code. */
export function parseSmsCode(presented: string): string | undefined {
  const code = presented.replace(/[\s-]/g, '');
  return CODE.test(code) ? code : undefined;
}

/**
 * What is stored of a code. Six digits are tried in no time however slow the hash, so that it takes a key from outside the
 * database. Bound to what the code is for and to whose phone it was sent.
 */
export async function smsCodeMac(
  encryption: KeyEncryption,
  code: string,
  { boundTo, factorId }: { readonly boundTo: CodeBinding; readonly factorId: string },
): Promise<Buffer> {
  const key = await encryption.derive('text message codes');
  return createHmac('sha256', key).update(boundTo).update(`${factorId}:${code}`).digest();
}
