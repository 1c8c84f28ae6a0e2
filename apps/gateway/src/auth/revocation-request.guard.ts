import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { SecurityEvents } from '@sallyport/observability';
import type { FastifyRequest } from 'fastify';
import { SECURITY_EVENTS } from '../app.tokens';
import { invalidRequest } from '../problems/oauth-problem';
import { recordRefusal } from '../problems/record-refusal';
import { presentedTokenToRevoke } from './revocation-request';

/** Lets through requests that present one token to revoke; whether there is such a token, nobody is told. */
@Injectable()
export class RevocationRequestGuard implements CanActivate {
  constructor(@Inject(SECURITY_EVENTS) private readonly events: SecurityEvents) {}

  /** @throws ProblemError 400 `invalid_request` (RFC 7009 section 2.2.1, RFC 6749 section 5.2) */
  canActivate(context: ExecutionContext): true {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (presentedTokenToRevoke(request.body) !== undefined) return true;
    recordRefusal(this.events, request, { type: 'request', reason: 'invalid_request' });
    throw invalidRequest();
  }
}
