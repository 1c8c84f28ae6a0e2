import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { principalOf } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { FastifyRequest } from 'fastify';
import { SECURITY_EVENTS } from '../app.tokens';
import { oauthProblem } from '../problems/oauth-problem';
import { recordRefusal } from '../problems/record-refusal';
import { tokenRequestError } from './token-request';

/**
 * Lets through well-formed token requests of the partner that was authenticated; what it may be given, auth-service knows.
 * Those of others are the authorization server’s to judge.
 */
@Injectable()
export class TokenRequestGuard implements CanActivate {
  constructor(@Inject(SECURITY_EVENTS) private readonly events: SecurityEvents) {}

  /** @throws ProblemError with an error of RFC 6749 section 5.2 */
  canActivate(context: ExecutionContext): true {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const partner = principalOf(request);
    if (partner === undefined) return true;
    const hasSecond = request.headers.authorization !== undefined;
    const error = hasSecond ? 'invalid_request' : tokenRequestError(request.body, partner.id);
    if (error === undefined) return true;
    recordRefusal(this.events, request, { type: 'request', reason: error });
    throw oauthProblem(error);
  }
}
