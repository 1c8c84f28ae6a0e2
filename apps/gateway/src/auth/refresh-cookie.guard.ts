import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { SecurityEvents } from '@sallyport/observability';
import type { FastifyRequest } from 'fastify';
import { SECURITY_EVENTS } from '../app.tokens';
import { problem } from '../problems/problem';
import { recordRefusal } from '../problems/record-refusal';
import { presentedRefreshToken } from './refresh-cookie';

/** Lets through requests that present a refresh token; whether it is the current one of a session, auth-service knows. */
@Injectable()
export class RefreshCookieGuard implements CanActivate {
  constructor(@Inject(SECURITY_EVENTS) private readonly events: SecurityEvents) {}

  /** @throws ProblemError 401 `invalid_grant` (RFC 6749 section 5.2) */
  canActivate(context: ExecutionContext): true {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (presentedRefreshToken(request.headers.cookie) !== undefined) return true;
    recordRefusal(this.events, request, { type: 'session', reason: 'invalid_grant' });
    throw problem('invalid_grant');
  }
}
