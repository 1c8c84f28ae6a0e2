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
import { validateTransactionClaims } from './transaction-claims';
import type { TransactionContext } from './transaction-context';
import { TransactionTokenRejected } from './transaction-token-rejected';

const LONGEST_TOKEN = 12_288;
const MOST_CERTIFICATES = 4;
const ALLOWED_MEMBERS = new Set(['alg', 'typ', 'x5c']);
const KEY_REFERENCE = /^(?:jku|x5u|jwk|kid|x5t.*|crit)$/;

export interface TransactionTokenVerifierOptions {
  /** Asked on every call, so that a renewed bundle counts at once. */
  readonly bundle: () => TrustBundle;
  /** The SPIFFE ID of the gateway, the only workload whose transaction tokens are believed. */
  readonly issuerId: SpiffeId;
  readonly trustDomain: TrustDomain;
  readonly clock: Clock;
  /** By how much the gateway's clock may differ; 5 seconds when left out. */
  readonly clockToleranceSeconds?: number;
}

/**
 * Verifies transaction tokens (draft-ietf-oauth-transaction-tokens) minted by the gateway of this trust domain.
 *
 * This is the one place where a certificate chain from a header is used (RFC 7515 §4.1.6), and the key in it counts for
 * nothing until the chain leads to the trust bundle and its leaf is the gateway's SPIFFE ID. Verified chains are
 * remembered, signatures are verified each time.
 *
 * Checks, in this order: form, key references, header members, algorithm, type; chain, issuer; signature; audience,
 * shape of claims, time. It does not check that a `txn` is new: a token is passed on unmodified and seen at every hop.
 */
export class TransactionTokenVerifier {
  readonly #options: Required<TransactionTokenVerifierOptions>;
  readonly #chains: SvidChainVerifier;

  constructor(options: TransactionTokenVerifierOptions) {
    this.#options = { clockToleranceSeconds: 5, ...options };
    const { bundle, trustDomain, clock } = options;
    this.#chains = new SvidChainVerifier({ bundle, trustDomain, clock });
  }

  /** @throws TransactionTokenRejected */
  verify(presentedToken: string): TransactionContext {
    const jws = parseCompactJws(presentedToken, LONGEST_TOKEN);
    if (jws === undefined) throw new TransactionTokenRejected('txn_token_malformed');
    const presentedChain = validateHeader(jws);
    verifySignature(jws, this.#issuerKeyOf(presentedChain));

    const payload = parseStrictJsonObject(jws.unverifiedPayload);
    if (payload === undefined) throw new TransactionTokenRejected('txn_token_malformed');
    const { trustDomain, clock, clockToleranceSeconds } = this.#options;
    return validateTransactionClaims(payload, {
      audience: trustDomain.toString(),
      now: Math.floor(clock().getTime() / 1000),
      clockToleranceSeconds,
    });
  }

  #issuerKeyOf(presentedChain: readonly Buffer[]): KeyObject {
    const { spiffeId, publicKey } = this.#verifiedSvid(presentedChain);
    if (!spiffeId.equals(this.#options.issuerId)) {
      throw new TransactionTokenRejected('txn_token_issuer_wrong');
    }
    return publicKey;
  }

  #verifiedSvid(presentedChain: readonly Buffer[]) {
    try {
      return this.#chains.verify(presentedChain);
    } catch (cause) {
      if (!(cause instanceof SvidRejected)) throw cause;
      throw new TransactionTokenRejected('txn_token_chain_untrusted', { cause });
    }
  }
}

/** @returns the certificates of `x5c`, leaf first */
function validateHeader({ unverifiedHeader }: UnverifiedJws): readonly Buffer[] {
  const members = Object.keys(unverifiedHeader);
  if (members.some((member) => KEY_REFERENCE.test(member))) {
    throw new TransactionTokenRejected('txn_token_key_reference_refused');
  }
  if (!members.every((member) => ALLOWED_MEMBERS.has(member))) {
    throw new TransactionTokenRejected('txn_token_malformed');
  }
  const { alg, typ, x5c } = unverifiedHeader;
  if (alg !== 'ES256') throw new TransactionTokenRejected('txn_token_algorithm_refused');
  if (typ !== 'txntoken+jwt') throw new TransactionTokenRejected('txn_token_type_wrong');
  const presentedChain = parseChain(x5c);
  if (presentedChain === undefined) {
    throw new TransactionTokenRejected('txn_token_chain_missing');
  }
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
  if (!isGenuine) throw new TransactionTokenRejected('txn_token_signature_invalid');
}
