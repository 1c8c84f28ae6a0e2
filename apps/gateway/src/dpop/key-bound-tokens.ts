import { Inject, Injectable } from '@nestjs/common';
import {
  DpopProofRejected,
  DpopProofVerifier,
  TokenRejected,
  type AccessTokenClaims,
  type Clock,
  type VerifiesAccessTokens,
} from '@sallyport/tokens';
import type { FastifyRequest } from 'fastify';
import { CLOCK, PUBLIC_ORIGIN } from '../app.tokens';
import { ACCESS_TOKEN_VERIFIER } from '../authentication/access-token-verifier.token';
import { PROOF_MEMORY, type RemembersProofs } from './proof-memory';

/** Seconds after which a proof is too old. */
const OLDEST_PROOF_SECONDS = 60;

/** By how much a client's clock may be ahead, in seconds (FAPI 2.0 section 5.3.2.1 has 10 accepted). */
const CLIENT_CLOCK_TOLERANCE_SECONDS = 10;

/** Gateways' clocks may differ by the tolerance as well. */
const REMEMBERED_MS = (OLDEST_PROOF_SECONDS + 2 * CLIENT_CLOCK_TOLERANCE_SECONDS) * 1_000;

type PresentedRequest = Pick<FastifyRequest, 'method' | 'url' | 'headers'>;

/**
 * Accepts access tokens that are bound to a key, each with a proof for this very request (RFC 9449 section 7.1). The token is
 * verified first, so that nobody without one costs a signature; then the proof; and only what is good in every other
 * respect is remembered as presented.
 */
@Injectable()
export class KeyBoundTokens {
  readonly #proofs: DpopProofVerifier;

  constructor(
    @Inject(ACCESS_TOKEN_VERIFIER) private readonly verifier: VerifiesAccessTokens,
    @Inject(PROOF_MEMORY) private readonly memory: RemembersProofs,
    @Inject(PUBLIC_ORIGIN) private readonly publicOrigin: string,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.#proofs = new DpopProofVerifier({
      clock,
      oldestSeconds: OLDEST_PROOF_SECONDS,
      clockToleranceSeconds: CLIENT_CLOCK_TOLERANCE_SECONDS,
    });
  }

  /** What verifies the token of a request, and its proof with it. */
  ofRequest(request: PresentedRequest): VerifiesAccessTokens {
    return { verify: (presentedToken) => this.#verify(presentedToken, request) };
  }

  /** @throws TokenRejected, DpopProofRejected */
  async #verify(
    presentedToken: string,
    { method, url, headers }: PresentedRequest,
  ): Promise<AccessTokenClaims> {
    const claims = await this.verifier.verify(presentedToken);
    const { certificateThumbprint, keyThumbprint } = claims;
    if (certificateThumbprint !== undefined) throw new TokenRejected('token_certificate_mismatch');
    if (keyThumbprint === undefined) throw new TokenRejected('token_not_key_bound');
    // Node joins what comes twice, which is no proof any more.
    const presentedProof = headers['dpop'];
    if (typeof presentedProof !== 'string' || presentedProof === '') {
      throw new DpopProofRejected('dpop_proof_missing');
    }
    const uri = `${this.publicOrigin}${url}`;
    const bound = { presentedToken, keyThumbprint };
    const { jti } = await this.#proofs.verify(presentedProof, { method, uri }, bound);
    if (!(await this.#isFirst(keyThumbprint, jti))) {
      throw new DpopProofRejected('dpop_proof_replayed');
    }
    return claims;
  }

  async #isFirst(keyThumbprint: string, jti: string): Promise<boolean> {
    try {
      return await this.memory.isFirst(keyThumbprint, jti, REMEMBERED_MS);
    } catch (cause) {
      throw new DpopProofRejected('dpop_proof_replay_unknown', { cause });
    }
  }
}
