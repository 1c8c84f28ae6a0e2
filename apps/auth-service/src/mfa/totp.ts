import { randomBytes } from 'node:crypto';
import { generateURI, ScureBase32Plugin, verify } from 'otplib';
import { renderSVG } from 'uqr';

/** What every authenticator app can do (RFC 6238 section 4): SHA-1, six digits, thirty seconds. */
const PERIOD_SECONDS = 30;
const CODE = /^\d{6}$/;

/** As long as the output of SHA-1 (RFC 4226 section 4, R6). */
const SECRET_BYTES = 20;

/** What the app shows beside the codes. */
const ISSUER = 'Sallyport';

const base32 = new ScureBase32Plugin();

export function newTotpSecret(): Buffer {
  return randomBytes(SECRET_BYTES);
}

/** How a secret gets into an authenticator app. */
export interface TotpKey {
  /** RFC 4648 base32, for typing. */
  readonly secret: string;
  /** `otpauth://`, as apps read it. */
  readonly uri: string;
  /** The URI as a QR code. */
  readonly qrSvg: string;
}

export function totpKeyOf(secret: Buffer, label: string): TotpKey {
  const text = base32.encode(secret, { padding: false });
  const uri = generateURI({ issuer: ISSUER, label, secret: text });
  return { secret: text, uri, qrSvg: renderSVG(uri, { ecc: 'M', border: 4 }) };
}

/**
 * The time step a code is of, when that is the present one or a neighbour of it (RFC 6238 section 5.2): a clock may be off by
 * that much, and no more. Undefined for any other code, and for what is none. Compared in constant time.
 */
export async function matchingStep(
  secret: Buffer,
  presented: string,
  now: Date,
): Promise<number | undefined> {
  // Some apps show the digits in two groups.
  const token = presented.replace(/\s/g, '');
  if (!CODE.test(token)) return undefined;
  const result = await verify({
    secret,
    token,
    epoch: Math.floor(now.getTime() / 1000),
    period: PERIOD_SECONDS,
    epochTolerance: PERIOD_SECONDS,
  });
  return result.valid && 'timeStep' in result ? result.timeStep : undefined;
}
