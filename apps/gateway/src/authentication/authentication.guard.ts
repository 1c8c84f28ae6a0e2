import { Inject, Injectable, type ExecutionContext } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import {
  bearerChallenge,
  declaredIdentity,
  ProblemError,
  setPrincipal,
} from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Principal } from '@sallyport/principal';
import { TokenRejected } from '@sallyport/tokens';
import type { FastifyRequest } from 'fastify';
import { REALM, SECURITY_EVENTS } from '../app.tokens';
import { recordRefusal } from '../problems/record-refusal';
import { ACCESS_TOKEN_STRATEGY, presentedAccessToken } from './access-token.strategy';
import { STATUS_OF_REJECTION } from './token-rejection-status';

/** One wording for every refused token, so that an answer does not tell how close a forged one came. */
const INVALID_TOKEN_CHALLENGE = bearerChallenge({
  realm: REALM,
  error: 'invalid_token',
  errorDescription: 'The access token is not accepted',
});

const RETRY_AFTER_SECONDS = 2;

/**
 * Puts the principal of a presented access token on the request, on every route that wants one. A request without an
 * access token is none of its business: whether that suffices, the access guard after it decides.
 */
@Injectable()
export class AuthenticationGuard extends AuthGuard(ACCESS_TOKEN_STRATEGY) {
  constructor(@Inject(SECURITY_EVENTS) private readonly events: SecurityEvents) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    if (declaredIdentity(context).kind !== 'public') await super.canActivate(context);
    return true;
  }

  /**
   * @throws ProblemError 401 `invalid_token`, or 503 `authentication_unavailable` while it cannot be told whether the
   * token is good or was revoked
   */
  override handleRequest<Authenticated>(
    error: Error | null,
    principal: (Authenticated & Principal) | false,
    failure: Error | undefined,
    context: ExecutionContext,
  ): Authenticated {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (error !== null) throw error;
    if (failure instanceof TokenRejected) throw this.#refuse(request, failure);
    // Passport reports whatever the verifier threw as a failure to authenticate; this one is a defect.
    if (failure !== undefined && presentedAccessToken(request) !== null) throw failure;
    if (principal !== false) setPrincipal(request, principal);
    return principal as Authenticated;
  }

  #refuse(request: FastifyRequest, cause: TokenRejected): ProblemError {
    recordRefusal(this.events, request, { type: 'authentication', reason: cause.code });
    return STATUS_OF_REJECTION[cause.code] === 503
      ? new ProblemError(503, 'authentication_unavailable', {
          cause,
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        })
      : new ProblemError(401, 'invalid_token', { cause, challenge: INVALID_TOKEN_CHALLENGE });
  }
}
