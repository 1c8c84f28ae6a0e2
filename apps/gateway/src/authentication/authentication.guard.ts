import { Inject, Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import {
  declaredIdentity,
  principalOf,
  ProblemError,
  setPrincipal,
} from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Principal } from '@sallyport/principal';
import { DpopProofRejected, TokenRejected } from '@sallyport/tokens';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SECURITY_EVENTS } from '../app.tokens';
import { recognisesPartners } from '../partners/recognises-partners.decorator';
import { refusedProof } from '../dpop/proof-refusal';
import { problem } from '../problems/problem';
import { recordRefusal } from '../problems/record-refusal';
import { RefusedCredentials } from '../rate-limits/refused-credentials';
import { ACCESS_TOKEN_STRATEGY } from './access-token.strategy';
import { AUTHENTICATORS, CredentialRefused, type Authenticator } from './authenticator';
import { presentedToken } from './presented-access-token';
import { tokenChallenge } from './token-challenges';
import { STATUS_OF_REJECTION } from './token-rejection-status';

const RETRY_AFTER_SECONDS = 2;

/**
 * Puts the principal of a presented credential on the request, on every route that wants one. A request without a
 * credential is none of its business: whether that suffices, the access guard after it decides.
 */
@Injectable()
export class AuthenticationGuard extends AuthGuard(ACCESS_TOKEN_STRATEGY) {
  constructor(
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
    @Inject(AUTHENTICATORS) private readonly authenticators: readonly Authenticator[],
    private readonly refused: RefusedCredentials,
    private readonly reflector: Reflector,
  ) {
    super();
  }

  /** @throws ProblemError */
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const isPublic = declaredIdentity(context).kind === 'public';
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    try {
      if (isPublic && !recognisesPartners(this.reflector, context)) {
        for (const authenticator of this.authenticators)
          authenticator.validateConnection?.(request);
        return true;
      }
      this.refused.assertMayAsk(request, reply);
      const principal = await this.#authenticate(request);
      if (principal !== undefined) setPrincipal(request, principal);
      else if (!isPublic) await super.canActivate(context);
    } catch (error) {
      if (!(error instanceof CredentialRefused)) throw error;
      if (error.status === 401) await this.refused.refuse(request, reply, error.reason);
      throw this.#problemOf(error, request);
    }
    const principal = principalOf(request);
    if (principal !== undefined) this.refused.accepted(request, principal);
    return true;
  }

  /**
   * @throws CredentialRefused 401 `invalid_token` or `invalid_dpop_proof`, or 503 while it cannot be told whether the
   * token is good or was revoked, or its proof presented before
   */
  override handleRequest<Authenticated>(
    error: Error | null,
    principal: (Authenticated & Principal) | false,
    failure: Error | undefined,
    context: ExecutionContext,
  ): Authenticated {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (error !== null) throw error;
    if (failure instanceof TokenRejected) {
      const { code: reason } = failure;
      const status = STATUS_OF_REJECTION[reason];
      throw new CredentialRefused(reason, status, 'invalid_token', { cause: failure });
    }
    if (failure instanceof DpopProofRejected) throw refusedProof(failure);
    // Passport reports whatever the verifier threw as a failure to authenticate; this one is a defect.
    if (failure !== undefined && presentedToken(request) !== null) throw failure;
    if (principal !== false) setPrincipal(request, principal);
    return principal as Authenticated;
  }

  /** By the first authenticator whose kind of credential is presented; undefined when none is. */
  async #authenticate(request: FastifyRequest): Promise<Principal | undefined> {
    for (const authenticator of this.authenticators) {
      const principal = await authenticator.authenticate(request);
      if (principal !== undefined) return principal;
    }
    return undefined;
  }

  #problemOf(refused: CredentialRefused, request: FastifyRequest): ProblemError {
    const { reason, status, code, about, isRecorded, extensions } = refused;
    if (!isRecorded) {
      recordRefusal(this.events, request, { type: 'authentication', reason, ...about });
    }
    if (status === 503) {
      const retryAfterSeconds = RETRY_AFTER_SECONDS;
      return problem('authentication_unavailable', { cause: refused, retryAfterSeconds });
    }
    // What is no token gets the challenge without an error code: RFC 9110 section 15.5.2 wants one on every 401, and the
    // error codes of RFC 6750 and RFC 9449 are about tokens.
    const challenge = tokenChallenge(code, reason, request);
    return new ProblemError(401, code, {
      cause: refused,
      ...(challenge !== undefined && { challenge }),
      ...(extensions && { extensions }),
    });
  }
}
