import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { SecurityEvents } from '@sallyport/observability';
import type { FastifyRequest } from 'fastify';
import { ALLOWED_ORIGINS, PUBLIC_ORIGIN, SECURITY_EVENTS } from '../app.tokens';
import { problem } from '../problems/problem';
import { recordRefusal } from '../problems/record-refusal';

/** How the guard's refusal is described. */
export const CROSS_SITE = { 403: ['cross_site_request'] } as const;

type PresentedHeaders = FastifyRequest['headers'];

/**
 * Refuses requests that a page of another origin makes with the visitor's cookies, or to give the visitor cookies of its
 * own choice. Browsers say so in `Origin` and `Sec-Fetch-Site` and let no page change them; clients that are no browser
 * send neither. Stands beside `SameSite=Strict`, which trusts sibling hosts.
 *
 * An allowed origin passes when the browser itself calls it same-site: from another site the `SameSite=Strict` cookie
 * would be neither sent nor kept, so that letting its requests through would only open what the cookie closes.
 */
@Injectable()
export class SameOriginGuard implements CanActivate {
  constructor(
    @Inject(PUBLIC_ORIGIN) private readonly origin: string,
    @Inject(ALLOWED_ORIGINS) private readonly allowedOrigins: ReadonlySet<string>,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /** @throws ProblemError 403 `cross_site_request` */
  canActivate(context: ExecutionContext): true {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { headers } = request;
    if (isSameOrigin(headers, this.origin) || isAllowedSibling(headers, this.allowedOrigins)) {
      return true;
    }
    recordRefusal(this.events, request, { type: 'request', reason: 'cross_site_request' });
    throw problem('cross_site_request');
  }
}

export function isSameOrigin(headers: PresentedHeaders, publicOrigin: string): boolean {
  const { origin, 'sec-fetch-site': fetchSite } = headers;
  if (origin !== undefined && origin !== publicOrigin) return false;
  // `none` is the address bar or a bookmark.
  return fetchSite === undefined || fetchSite === 'same-origin' || fetchSite === 'none';
}

function isAllowedSibling(
  { origin, 'sec-fetch-site': fetchSite }: PresentedHeaders,
  allowedOrigins: ReadonlySet<string>,
): boolean {
  return origin !== undefined && allowedOrigins.has(origin) && fetchSite === 'same-site';
}
