import { Injectable } from '@nestjs/common';
import type { Principal } from '@sallyport/principal';
import type { TokenRejectionCode } from '@sallyport/tokens';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { clientAddressOfRequest } from '../listener/client-address';
import { identityOf, identityOfAddress } from './identity';
import { lifeOf } from './credential-life';
import { KnownCredentials } from './known-credentials';
import { presentedApiKey, presentedCredential } from './presented-credential';
import { setRateLimitHeaders } from './rate-limit-headers';
import { RateLimitRefusals } from './rate-limit.refusals';
import { RateLimits, type Verdict } from './rate-limits';

/** Why a token is refused that was good once; its signature has been verified by then. */
const ENDED: ReadonlySet<string> = new Set<TokenRejectionCode>([
  'token_expired',
  'token_revoked',
  'session_revoked',
  'subject_revoked',
  'client_revoked',
]);

/**
 * Slows down an address that keeps presenting credentials that are refused, and nobody else: what is found good is
 * counted by its identity alone, from the same address as well.
 */
@Injectable()
export class RefusedCredentials {
  constructor(
    private readonly limits: RateLimits,
    private readonly known: KnownCredentials,
    private readonly refusals: RateLimitRefusals,
  ) {}

  /**
   * Spares auth-service the questions of such an address: it asks for no API key that was not good here of late. An
   * access token is verified here, which costs less than to have it wait.
   *
   * @throws ProblemError 429 `rate_limited`
   */
  assertMayAsk(request: FastifyRequest, reply: FastifyReply): void {
    const apiKey = presentedApiKey(request.headers);
    if (apiKey === undefined) return;
    const address = identityOfAddress(clientAddressOfRequest(request.raw));
    const verdict = this.limits.refusalsSpent(address);
    if (verdict === undefined || this.known.identityOf(apiKey) !== undefined) return;
    this.#refuseUnlessAllowed(request, reply, verdict);
  }

  /**
   * Forgets a credential that was refused, and counts it unless it is a token that has only ended: nobody can make one
   * up, and who holds one has to be told to get another, also beside somebody who presents made-up ones.
   *
   * @param reason of the refusal
   * @throws ProblemError 429 `rate_limited` when the address has presented too many
   */
  async refuse(request: FastifyRequest, reply: FastifyReply, reason: string): Promise<void> {
    const credential = presentedCredential(request);
    if (credential !== undefined) this.known.forgetCredential(credential);
    if (ENDED.has(reason)) return;
    const address = identityOfAddress(clientAddressOfRequest(request.raw));
    this.#refuseUnlessAllowed(request, reply, await this.limits.chargeRefusal(address));
  }

  /** Remembers a credential that was found good. */
  accepted(request: FastifyRequest, principal: Principal): void {
    const credential = presentedCredential(request);
    if (credential === undefined) return;
    this.known.remember(credential, identityOf(principal), lifeOf(credential, principal));
  }

  #refuseUnlessAllowed(request: FastifyRequest, reply: FastifyReply, verdict: Verdict): void {
    setRateLimitHeaders(reply, verdict);
    if (verdict.isAllowed) return;
    const address = identityOfAddress(clientAddressOfRequest(request.raw));
    throw this.refusals.of(request, address, verdict);
  }
}
