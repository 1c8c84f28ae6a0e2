import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { SecurityEvents } from '@sallyport/observability';
import type { FastifyRequest } from 'fastify';
import { SECURITY_EVENTS } from '../app.tokens';
import { isServedOn } from '../listener/served-on.decorator';
import { problem } from '../problems/problem';
import { recordRefusal } from '../problems/record-refusal';
import { presentedCertificateOf } from './presented-certificate';

/**
 * Refuses partners what is not declared for them, whatever scopes they hold: own accounts, API keys and operators' tools
 * want somebody who has signed in. After authentication, so that the event names the partner, and before scopes count.
 */
@Injectable()
export class PartnerAccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /** @throws ProblemError 403 `session_required` */
  canActivate(context: ExecutionContext): true {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (presentedCertificateOf(request.raw) === undefined) return true;
    if (isServedOn('partner', this.reflector, context)) return true;
    recordRefusal(this.events, request, { type: 'authorization', reason: 'session_required' });
    throw problem('session_required');
  }
}
