import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { principalOf } from '@sallyport/nest-zero-trust';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { clientAddressOfRequest } from '../listener/client-address';
import { identityOf, identityOfAddress, type Identity } from './identity';
import { KnownCredentials } from './known-credentials';
import { presentedCredential } from './presented-credential';
import { setRateLimitHeaders } from './rate-limit-headers';
import type { RouteClass } from './rate-limit-policy';
import { RateLimitRefusals } from './rate-limit.refusals';
import { RateLimits } from './rate-limits';
import { routeClassOf } from './route-class';

/**
 * Takes every request that has found its handler from the quota of whoever it was authenticated for (R12), or else of
 * its address. Stands behind authentication, which it asks for the identity, and before access control, so that asking
 * for what is not allowed costs as much.
 */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(
    private readonly limits: RateLimits,
    private readonly known: KnownCredentials,
    private readonly refusals: RateLimitRefusals,
  ) {}

  /** @throws ProblemError 429 `rate_limited` */
  async canActivate(context: ExecutionContext): Promise<true> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const routeClass = routeClassOf(context.getClass(), context.getHandler());
    const identity = this.#identityBehind(request, routeClass);
    const verdict = await this.limits.charge(identity, routeClass);
    setRateLimitHeaders(http.getResponse<FastifyReply>(), verdict);
    if (!verdict.isAllowed) throw this.refusals.of(request, identity, verdict);
    return true;
  }

  #identityBehind(request: FastifyRequest, routeClass: RouteClass): Identity {
    const principal = principalOf(request);
    if (principal !== undefined) return identityOf(principal);
    return (
      this.#identityKnownBehind(request, routeClass) ??
      identityOfAddress(clientAddressOfRequest(request.raw))
    );
  }

  /**
   * On handlers that authenticate nobody: who presents a credential that is known here, so that they do not depend on
   * what is left of their address. Not where secrets are tried: one account may not pay for guessing at others.
   */
  #identityKnownBehind(request: FastifyRequest, routeClass: RouteClass): Identity | undefined {
    if (routeClass === 'credentials') return undefined;
    const credential = presentedCredential(request);
    return credential === undefined ? undefined : this.known.identityOf(credential);
  }
}
