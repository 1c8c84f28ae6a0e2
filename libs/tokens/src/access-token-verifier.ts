import { compactVerify, errors } from 'jose';
import { validateAccessTokenClaims, type AccessTokenClaims } from './access-token-claims';
import type { Clock } from './clock';
import { parseCompactJws, type UnverifiedJws } from './compact-jws';
import { isKeyId, type KeySet, type VerificationKey } from './key-set';
import { parseStrictJsonObject } from './strict-json';
import { TokenRejected } from './token-rejected';

const LONGEST_TOKEN = 8192;
const LONGEST_LIFETIME_SECONDS = 15 * 60;
const ALLOWED_MEMBERS = new Set(['alg', 'typ', 'kid']);
const KEY_REFERENCE = /^(?:jku|x5u|jwk|x5c|x5t.*|crit)$/;

/** Accepts presented access tokens, or rejects with {@link TokenRejected}. */
export interface VerifiesAccessTokens {
  verify(presentedToken: string): Promise<AccessTokenClaims>;
}

export interface AccessTokenVerifierOptions {
  /** The one issuer, compared exactly. */
  readonly issuer: string;
  /** The one audience that has to be among the token's. */
  readonly audience: string;
  readonly keys: KeySet;
  readonly clock: Clock;
  /** By how much the issuer's clock may differ. */
  readonly clockToleranceSeconds: number;
  /** A token meant to live longer is refused; 15 minutes when left out. */
  readonly maxLifetimeSeconds?: number;
}

/**
 * Verifies access tokens of one issuer by RFC 9068 §4 and RFC 8725 §3: RS256 and `at+jwt` only, the key found by `kid`
 * in the issuer's own key set, never by what the token carries.
 *
 * Checks, in this order, so that nothing is computed for a token that cannot be one of ours: form, key references,
 * header members, algorithm, type, key id; then key, signature; then issuer, audience, shape of claims, time. It does
 * not check revocation or whether the scopes suffice.
 */
export class AccessTokenVerifier implements VerifiesAccessTokens {
  readonly #options: Required<AccessTokenVerifierOptions>;

  constructor(options: AccessTokenVerifierOptions) {
    this.#options = { maxLifetimeSeconds: LONGEST_LIFETIME_SECONDS, ...options };
  }

  async verify(presentedToken: string): Promise<AccessTokenClaims> {
    const jws = parseCompactJws(presentedToken, LONGEST_TOKEN);
    if (jws === undefined) throw new TokenRejected('token_malformed');
    const kid = validateHeader(jws);

    const key = await this.#options.keys.find(kid);
    if (key === undefined) throw new TokenRejected('token_key_unknown');
    await verifySignature(presentedToken, key);

    const payload = parseStrictJsonObject(jws.unverifiedPayload);
    if (payload === undefined) throw new TokenRejected('token_malformed');
    const { clock, ...expected } = this.#options;
    return validateAccessTokenClaims(payload, {
      ...expected,
      now: Math.floor(clock().getTime() / 1000),
    });
  }
}

/** @returns the key id */
function validateHeader({ unverifiedHeader }: UnverifiedJws): string {
  const members = Object.keys(unverifiedHeader);
  if (members.some((member) => KEY_REFERENCE.test(member))) {
    throw new TokenRejected('token_key_reference_refused');
  }
  if (!members.every((member) => ALLOWED_MEMBERS.has(member))) {
    throw new TokenRejected('token_malformed');
  }
  const { alg, typ, kid } = unverifiedHeader;
  if (alg !== 'RS256') throw new TokenRejected('token_algorithm_refused');
  if (typeof typ !== 'string' || !/^(?:application\/)?at\+jwt$/i.test(typ)) {
    throw new TokenRejected('token_type_wrong');
  }
  if (!isKeyId(kid)) throw new TokenRejected('token_malformed');
  return kid;
}

async function verifySignature(presentedToken: string, { key, alg }: VerificationKey) {
  try {
    await compactVerify(presentedToken, key, { algorithms: [alg] });
  } catch (cause) {
    if (cause instanceof errors.JWSSignatureVerificationFailed) {
      throw new TokenRejected('token_signature_invalid', { cause });
    }
    throw cause;
  }
}
