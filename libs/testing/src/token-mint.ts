import { generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';
import { systemClock, type Clock } from '@sallyport/tokens';

export interface TokenMintOptions {
  readonly issuer?: string;
  readonly audience?: string;
  readonly clock?: Clock;
  readonly kid?: string;
}

/** What to change about a token that would be valid; a member set to undefined is left out. */
export interface TokenOverrides {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly payload?: Readonly<Record<string, unknown>>;
  /** Signs instead of the mint's own key. */
  readonly privateKey?: KeyObject;
  /** Replaces the signature altogether, given what it would cover. */
  readonly signature?: (signingInput: string) => Buffer;
}

/**
 * An issuer of access tokens for tests: mint a valid token, then break one property of it. It signs whatever it is told,
 * which is why production code has a signer of its own.
 */
export class TokenMint {
  readonly issuer: string;
  readonly audience: string;
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly #clock: Clock;

  constructor(options: TokenMintOptions = {}) {
    this.issuer = options.issuer ?? 'https://localhost:8443';
    this.audience = options.audience ?? 'https://api.sallyport.internal';
    this.kid = options.kid ?? randomUUID();
    this.#clock = options.clock ?? systemClock;
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.privateKey = pair.privateKey;
    this.publicKey = pair.publicKey;
  }

  /** The JWK Set this issuer publishes. */
  get jwks(): { readonly keys: readonly Record<string, unknown>[] } {
    const { n, e } = this.publicKey.export({ format: 'jwk' });
    return { keys: [{ kty: 'RSA', n, e, kid: this.kid, use: 'sig', alg: 'RS256' }] };
  }

  /** The claims of a valid token, for a user with the scopes a new account has. */
  get claims(): Readonly<Record<string, unknown>> {
    const now = Math.floor(this.#clock().getTime() / 1000);
    return {
      iss: this.issuer,
      aud: this.audience,
      sub: 'a5f2f4c0-0001-4000-8000-000000000001',
      client_id: 'sallyport-web',
      scope: 'orders:read orders:write billing:read',
      iat: now,
      exp: now + 900,
      jti: randomUUID(),
      sid: 'a5f2f4c0-0002-4000-8000-000000000002',
      acr: 'urn:sallyport:acr:password',
      amr: ['pwd'],
      auth_time: now,
    };
  }

  /** A valid access token but for what is overridden. */
  accessToken(overrides: TokenOverrides = {}): string {
    const header = { alg: 'RS256', typ: 'at+jwt', kid: this.kid, ...overrides.header };
    const payload = { ...this.claims, ...overrides.payload };
    return this.raw(JSON.stringify(header), JSON.stringify(payload), overrides);
  }

  /** A compact JWS over exactly these texts, which need not be JSON. */
  raw(
    header: string,
    payload: string,
    { privateKey = this.privateKey, signature }: Omit<TokenOverrides, 'header' | 'payload'> = {},
  ): string {
    const signingInput = `${encode(header)}.${encode(payload)}`;
    const bytes =
      signature?.(signingInput) ?? sign('sha256', Buffer.from(signingInput), privateKey);
    return `${signingInput}.${bytes.toString('base64url')}`;
  }
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url');
}
