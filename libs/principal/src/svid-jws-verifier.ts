import { verify, type KeyObject } from 'node:crypto';
import {
  parseCompactJws,
  parseStrictJsonObject,
  type Clock,
  type UnverifiedJws,
} from '@sallyport/tokens';
import {
  SvidChainVerifier,
  SvidRejected,
  type SpiffeId,
  type TrustBundle,
  type TrustDomain,
} from '@sallyport/workload-identity';
import { SvidJwsRejected } from './svid-jws-rejected';

const LONGEST_TOKEN = 12_288;
const MOST_CERTIFICATES = 4;
const ALLOWED_MEMBERS = new Set(['alg', 'typ', 'x5c']);
const KEY_REFERENCE = /^(?:jku|x5u|jwk|kid|x5t.*|crit)$/;

export interface SvidJwsVerifierOptions {
  /** The one `typ` that is taken. */
  readonly type: string;
  /** Asked on every call, so that a renewed bundle counts at once. */
  readonly bundle: () => TrustBundle;
  readonly trustDomain: TrustDomain;
  readonly clock: Clock;
}

/** Who has signed, and the claims, of which only the signature is verified. */
export interface SvidSignedClaims {
  readonly signer: SpiffeId;
  readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * Verifies what a {@link SvidJwsSigner} of this trust domain has signed.
 *
 * This is the one place where a certificate chain from a header is used (RFC 7515 §4.1.6), and the key in it counts for
 * nothing until the chain leads to the trust bundle and its leaf is a workload that may sign. Verified chains are
 * remembered, signatures are verified each time.
 *
 * Checks, in this order: form, key references, header members, algorithm, type; chain, signer; signature. It does not look
 * at the claims.
 */
export class SvidJwsVerifier {
  readonly #type: string;
  readonly #chains: SvidChainVerifier;

  constructor({ type, ...trust }: SvidJwsVerifierOptions) {
    this.#type = type;
    this.#chains = new SvidChainVerifier(trust);
  }

  /** @throws SvidJwsRejected */
  verify(presentedToken: string, maySign: (workload: SpiffeId) => boolean): SvidSignedClaims {
    const jws = parseCompactJws(presentedToken, LONGEST_TOKEN);
    if (jws === undefined) throw new SvidJwsRejected('malformed');
    const { spiffeId, publicKey } = this.#verifiedSvid(validateHeader(jws, this.#type));
    if (!maySign(spiffeId)) throw new SvidJwsRejected('issuer_wrong');
    verifySignature(jws, publicKey);
    const claims = parseStrictJsonObject(jws.unverifiedPayload);
    if (claims === undefined) throw new SvidJwsRejected('malformed');
    return { signer: spiffeId, claims };
  }

  #verifiedSvid(presentedChain: readonly Buffer[]) {
    try {
      return this.#chains.verify(presentedChain);
    } catch (cause) {
      if (!(cause instanceof SvidRejected)) throw cause;
      throw new SvidJwsRejected('chain_untrusted', { cause });
    }
  }
}

/** @returns the certificates of `x5c`, leaf first */
function validateHeader({ unverifiedHeader }: UnverifiedJws, type: string): readonly Buffer[] {
  const members = Object.keys(unverifiedHeader);
  if (members.some((member) => KEY_REFERENCE.test(member))) {
    throw new SvidJwsRejected('key_reference_refused');
  }
  if (!members.every((member) => ALLOWED_MEMBERS.has(member))) {
    throw new SvidJwsRejected('malformed');
  }
  const { alg, typ, x5c } = unverifiedHeader;
  if (alg !== 'ES256') throw new SvidJwsRejected('algorithm_refused');
  if (typ !== type) throw new SvidJwsRejected('type_wrong');
  const presentedChain = parseChain(x5c);
  if (presentedChain === undefined) throw new SvidJwsRejected('chain_missing');
  return presentedChain;
}

/** Parses an array of base64 (not base64url) DER certificates (RFC 7515 §4.1.6). */
function parseChain(x5c: unknown): readonly Buffer[] | undefined {
  if (!Array.isArray(x5c) || x5c.length < 1 || x5c.length > MOST_CERTIFICATES) return undefined;
  const chain: Buffer[] = [];
  for (const encoded of x5c as unknown[]) {
    if (typeof encoded !== 'string' || encoded === '') return undefined;
    const der = Buffer.from(encoded, 'base64');
    if (der.toString('base64') !== encoded) return undefined;
    chain.push(der);
  }
  return chain;
}

function verifySignature({ signingInput, signature }: UnverifiedJws, key: KeyObject): void {
  const isGenuine =
    key.asymmetricKeyDetails?.namedCurve === 'prime256v1' &&
    verify(
      'sha256',
      Buffer.from(signingInput, 'latin1'),
      { key, dsaEncoding: 'ieee-p1363' },
      signature,
    );
  if (!isGenuine) throw new SvidJwsRejected('signature_invalid');
}
