import { randomUUID, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Clock } from './clock';
import { isCertificateThumbprint } from './confirmation';
import { formatScope } from './scope';

const LONGEST_LIFETIME_SECONDS = 15 * 60;

export interface AccessTokenSignerOptions {
  readonly issuer: string;
  readonly audience: string;
  /** Whole seconds, 1 to 900. */
  readonly lifetimeSeconds: number;
  readonly clock: Clock;
  /** Makes the `jti`; random UUIDs when left out. */
  readonly newId?: () => string;
}

/** For whom a token is issued, and how that was authenticated. */
export interface AccessTokenGrant {
  readonly subject: string;
  readonly clientId: string;
  readonly scopes: Iterable<string>;
  readonly sessionId?: string;
  readonly acr?: string;
  readonly amr?: readonly string[];
  /** Seconds since the epoch. */
  readonly authTime?: number;
  /** The `x5t#S256` of the certificate the token is bound to (RFC 8705 §3.1). */
  readonly certificateThumbprint?: string;
  /** Set when the subject is a partner organisation. */
  readonly principalType?: 'partner';
  /** When it was decided that the token may be issued; now when left out. */
  readonly issuedAt?: Date;
  /** The least `iat`, seconds since the epoch: everything the subject was issued before is revoked. */
  readonly issuedNotBefore?: number;
  /** The greatest `exp`, seconds since the epoch: what the token stands on ends then. */
  readonly expiresBy?: number;
}

/** A private RSA key and the id its public half is published under. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
}

export interface SignedAccessToken {
  readonly token: string;
  /** Seconds. */
  readonly expiresIn: number;
  readonly expiresAt: Date;
  readonly jti: string;
}

/** Signs access tokens with the claims of RFC 9068 §2.2 and `sid`: RS256, `typ: at+jwt`. */
export class AccessTokenSigner {
  readonly #options: Required<AccessTokenSignerOptions>;

  /** @throws TypeError when the lifetime is out of bounds. */
  constructor(options: AccessTokenSignerOptions) {
    const { lifetimeSeconds } = options;
    if (
      !Number.isSafeInteger(lifetimeSeconds) ||
      lifetimeSeconds < 1 ||
      lifetimeSeconds > LONGEST_LIFETIME_SECONDS
    ) {
      throw new TypeError(`lifetimeSeconds has to be 1 to ${LONGEST_LIFETIME_SECONDS}`);
    }
    this.#options = { newId: randomUUID, ...options };
  }

  /** @throws TypeError when a certificate is named by something else than its thumbprint. */
  async sign(grant: AccessTokenGrant, { kid, privateKey }: SigningKey): Promise<SignedAccessToken> {
    const { issuer, audience, lifetimeSeconds, clock, newId } = this.#options;
    const { issuedAt = clock(), issuedNotBefore = 0, expiresBy = Infinity } = grant;
    const x5t = grant.certificateThumbprint;
    if (x5t !== undefined && !isCertificateThumbprint(x5t)) {
      throw new TypeError('certificateThumbprint has to be an x5t#S256');
    }
    const iat = Math.max(Math.floor(issuedAt.getTime() / 1000), issuedNotBefore);
    const exp = Math.max(iat + 1, Math.min(iat + lifetimeSeconds, expiresBy));
    const jti = newId();
    const token = await new SignJWT({
      iss: issuer,
      aud: audience,
      sub: grant.subject,
      client_id: grant.clientId,
      scope: formatScope(grant.scopes),
      iat,
      exp,
      jti,
      sid: grant.sessionId,
      acr: grant.acr,
      amr: grant.amr,
      auth_time: grant.authTime,
      cnf: x5t && { 'x5t#S256': x5t },
      principal_type: grant.principalType,
    })
      .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid })
      .sign(privateKey);
    return { token, expiresIn: exp - iat, expiresAt: new Date(exp * 1000), jti };
  }
}
