import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { declaredIdentity } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { FastifyRequest } from 'fastify';
import { SECURITY_EVENTS } from '../app.tokens';
import { isServedOn } from '../listener/served-on.decorator';
import { problem } from '../problems/problem';
import { recordRefusal } from '../problems/record-refusal';
import { presentedCertificateOf } from './presented-certificate';

/**
 * Keeps each handler to the listeners it is declared for: on another it is as if it were not there. What is for signed-in
 * people is left to {@link PartnerAccessGuard}, which tells partners so. Before authentication.
 */
@Injectable()
export class ListenerGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /** @throws ProblemError 404 `not_found` */
  canActivate(context: ExecutionContext): true {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const isPartner = presentedCertificateOf(request.raw) !== undefined;
    if (isServedOn(isPartner ? 'partner' : 'public', this.reflector, context)) return true;
    if (isPartner && declaredIdentity(context).kind !== 'public') return true;
    recordRefusal(this.events, request, { type: 'request', reason: 'not_found' });
    throw problem('not_found');
  }
}
