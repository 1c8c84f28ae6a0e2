import type { KeyObject } from 'node:crypto';

/** A public key of an issuer, and the one algorithm it is used with (RFC 8725 §3.1). */
export interface VerificationKey {
  readonly kid: string;
  readonly alg: 'RS256';
  readonly key: KeyObject;
}

/** The verification keys of one issuer. */
export interface KeySet {
  /**
   * The key under `kid`, or undefined when the issuer has none.
   * @throws TokenRejected `token_key_unavailable` when that cannot be found out now.
   */
  find(kid: string): Promise<VerificationKey | undefined>;
  /** Differs whenever the keys do; what was verified under another version has to be verified again. */
  readonly version: number;
}

/** Whether a value may be used to look up a key: no white space, separator or control character (RFC 8725 §3.10). */
export function isKeyId(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9._-]{1,128}$/.test(value);
}
