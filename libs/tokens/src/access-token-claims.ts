import { isCertificateConfirmation, isKeyConfirmation } from './confirmation';
import type { CertificateConfirmation, KeyConfirmation } from './confirmation';
import { isIdentifier } from './identifier';
import { parseScope } from './scope';
import { TokenRejected } from './token-rejected';

/** The claims of a verified access token, by the names of RFC 9068 §2.2; times in seconds since the epoch. */
export interface AccessTokenClaims {
  readonly iss: string;
  readonly aud: string | readonly string[];
  readonly sub: string;
  readonly client_id: string;
  readonly iat: number;
  readonly exp: number;
  readonly jti: string;
  /** The claim `scope`, parsed; empty when absent. */
  readonly scopes: ReadonlySet<string>;
  /** The session the token belongs to; ends with it. */
  readonly sid?: string;
  readonly acr?: string;
  /** RFC 8176 values. */
  readonly amr?: readonly string[];
  readonly auth_time?: number;
  /**
   * The claim `cnf`, parsed: the `x5t#S256` of the one certificate the token may be presented with (RFC 8705 §3.1).
   * Whoever accepts the token compares it with that of the connection; it is not done here.
   */
  readonly certificateThumbprint?: string;
  /**
   * The claim `cnf`, parsed: the `jkt` of the one key by which its holder proves possession with each request (RFC 9449
   * §6.1). Whoever accepts the token verifies that proof; it is not done here.
   */
  readonly keyThumbprint?: string;
  /** A private claim: the subject is a partner organisation. Its tokens are bound to a certificate, always. */
  readonly principal_type?: 'partner';
}

/** What the claims of an access token have to agree with. */
export interface AccessTokenExpectations {
  readonly issuer: string;
  readonly audience: string;
  /** Seconds since the epoch. */
  readonly now: number;
  readonly clockToleranceSeconds: number;
  readonly maxLifetimeSeconds: number;
}

type Payload = Readonly<Record<string, unknown>>;

/**
 * Validates claims in this order: issuer, audience, shape, time.
 *
 * @throws TokenRejected
 */
export function validateAccessTokenClaims(
  payload: Payload,
  expected: AccessTokenExpectations,
): AccessTokenClaims {
  if (payload['iss'] !== expected.issuer) throw new TokenRejected('token_issuer_wrong');
  const aud = payload['aud'];
  if (!isAudience(aud) || ![aud].flat().includes(expected.audience)) {
    throw new TokenRejected('token_audience_wrong');
  }
  const claims = Object.freeze({
    iss: expected.issuer,
    aud,
    sub: required(payload, 'sub', isIdentifier),
    client_id: required(payload, 'client_id', isIdentifier),
    iat: required(payload, 'iat', isNumericDate),
    exp: required(payload, 'exp', isNumericDate),
    jti: required(payload, 'jti', isIdentifier),
    scopes: scopesOf(payload),
    ...optional(payload, 'sid', isIdentifier),
    ...optional(payload, 'acr', isIdentifier),
    ...optional(payload, 'amr', isMethodList),
    ...optional(payload, 'auth_time', isNumericDate),
    ...confirmationOf(payload),
    ...optional(payload, 'principal_type', isPartner),
  });
  if (claims.principal_type !== undefined) validatePartner(claims);
  const { nbf } = optional(payload, 'nbf', isNumericDate);
  validateTimes(claims, nbf, expected);
  return claims;
}

function validateTimes(
  { iat, exp, auth_time }: Pick<AccessTokenClaims, 'iat' | 'exp' | 'auth_time'>,
  nbf: number | undefined,
  { now, clockToleranceSeconds, maxLifetimeSeconds }: AccessTokenExpectations,
): void {
  if (exp <= now - clockToleranceSeconds) throw new TokenRejected('token_expired');
  const validFrom = Math.max(iat, nbf ?? iat);
  // An authentication that is still to come would count as recent for ever.
  if (Math.max(validFrom, auth_time ?? iat) > now + clockToleranceSeconds) {
    throw new TokenRejected('token_not_yet_valid');
  }
  if (exp <= validFrom || exp - iat > maxLifetimeSeconds) {
    throw new TokenRejected('token_claims_invalid');
  }
}

function scopesOf(payload: Payload): ReadonlySet<string> {
  const { scope } = optional(payload, 'scope', (value) => typeof value === 'string');
  if (scope === undefined || scope === '') return new Set();
  const scopes = parseScope(scope);
  if (scopes === undefined) throw new TokenRejected('token_claims_invalid');
  return scopes;
}

/** A token is bound to one thing at most. */
function confirmationOf(
  payload: Payload,
): Pick<AccessTokenClaims, 'certificateThumbprint' | 'keyThumbprint'> {
  const { cnf } = optional(payload, 'cnf', isConfirmation);
  if (cnf === undefined) return {};
  return 'jkt' in cnf ? { keyThumbprint: cnf.jkt } : { certificateThumbprint: cnf['x5t#S256'] };
}

function isConfirmation(value: unknown): value is CertificateConfirmation | KeyConfirmation {
  return isCertificateConfirmation(value) || isKeyConfirmation(value);
}

/** A partner acts for itself, without a session, by its certificate. */
function validatePartner({ sub, client_id, sid, certificateThumbprint }: AccessTokenClaims): void {
  if (sub !== client_id || sid !== undefined || certificateThumbprint === undefined) {
    throw new TokenRejected('token_claims_invalid');
  }
}

function required<Value>(
  payload: Payload,
  name: string,
  isValid: (value: unknown) => value is Value,
): Value {
  const value = payload[name];
  if (!isValid(value)) throw new TokenRejected('token_claims_invalid');
  return value;
}

function optional<Name extends string, Value>(
  payload: Payload,
  name: Name,
  isValid: (value: unknown) => value is Value,
): { readonly [K in Name]?: Value } {
  if (payload[name] === undefined) return {};
  // A computed name widens to an index signature; there is exactly this one member.
  return { [name]: required(payload, name, isValid) } as { [K in Name]?: Value };
}

function isPartner(value: unknown): value is 'partner' {
  return value === 'partner';
}

function isAudience(value: unknown): value is string | readonly string[] {
  return typeof value === 'string' || isStringList(value);
}

function isMethodList(value: unknown): value is readonly string[] {
  return isStringList(value) && value.every(isIdentifier);
}

function isStringList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** A NumericDate (RFC 7519 §2) in whole seconds. */
function isNumericDate(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
