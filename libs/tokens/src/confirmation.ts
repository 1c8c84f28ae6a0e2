import { hash } from 'node:crypto';
import { isRecord } from './strict-json';

/** 32 bytes in base64url: the last character holds four bits of them, its other two are zero. */
const SHA256 = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** The claim by which a token is bound to a key, as it is written (RFC 9449 §6.1). */
export interface KeyConfirmation {
  readonly jkt: string;
}

/** The claim by which a token is bound to a certificate, as it is written (RFC 8705 §3.1). */
export interface CertificateConfirmation {
  readonly 'x5t#S256': string;
}

/** Whether a value is the SHA-256 of a certificate as `x5t#S256` writes it: base64url in its one canonical spelling. */
export function isCertificateThumbprint(value: unknown): value is string {
  return isThumbprint(value);
}

/** The `x5t#S256` (RFC 8705 §3.1) of a certificate. @param der the whole certificate */
export function certificateThumbprint(der: Uint8Array): string {
  return hash('sha256', der, 'base64url');
}

/**
 * Whether a value is a confirmation this system can check: `x5t#S256` and nothing beside it. A token that is bound in
 * any other way has to be refused by whoever does not understand how, or it would become a bearer token.
 */
export function isCertificateConfirmation(value: unknown): value is CertificateConfirmation {
  return (
    isRecord(value) && Object.keys(value).length === 1 && isCertificateThumbprint(value['x5t#S256'])
  );
}

/**
 * The same for a key: `jkt` and nothing beside it. A token that is bound to both is refused, because whoever takes it
 * would have to check both.
 */
export function isKeyConfirmation(value: unknown): value is KeyConfirmation {
  return isRecord(value) && Object.keys(value).length === 1 && isThumbprint(value['jkt']);
}

function isThumbprint(value: unknown): value is string {
  return typeof value === 'string' && SHA256.test(value);
}
