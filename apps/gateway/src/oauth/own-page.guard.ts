import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { SecurityEvents } from '@sallyport/observability';
import type { FastifyRequest } from 'fastify';
import { PUBLIC_ORIGIN, SECURITY_EVENTS } from '../app.tokens';
import { problem } from '../problems/problem';
import { recordRefusal } from '../problems/record-refusal';

/**
 * Lets through what a page of the authorization server submits, and nothing else: the request has to say that it comes from
 * the public origin, which browsers do for every form (Fetch standard section 3.2) and let no page change. Unlike
 * `SameOriginGuard` it knows no allowed siblings: they are programs with an API, these are forms for people.
 */
@Injectable()
export class OwnPageGuard implements CanActivate {
  constructor(
    @Inject(PUBLIC_ORIGIN) private readonly origin: string,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /** @throws ProblemError 403 `cross_site_request` */
  canActivate(context: ExecutionContext): true {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (isOfOwnPage(request.headers, this.origin)) return true;
    recordRefusal(this.events, request, { type: 'request', reason: 'cross_site_request' });
    throw problem('cross_site_request');
  }
}

export function isOfOwnPage(
  { origin, 'sec-fetch-site': fetchSite }: FastifyRequest['headers'],
  publicOrigin: string,
): boolean {
  return origin === publicOrigin && (fetchSite === undefined || fetchSite === 'same-origin');
}
