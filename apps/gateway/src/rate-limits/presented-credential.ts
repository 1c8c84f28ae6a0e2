import type { FastifyRequest } from 'fastify';
import { presentedRefreshToken } from '../auth/refresh-cookie';

type PresentedHeaders = FastifyRequest['headers'];

/** Where the refresh cookie goes; elsewhere it is not looked at. */
const COOKIE_PATH = /^\/auth\//;

/** The access token, API key or refresh token a request presents, good or not: there is one at most. */
export function presentedCredential({
  headers,
  url,
}: Pick<FastifyRequest, 'headers' | 'url'>): string | undefined {
  return (
    bearerToken(headers.authorization) ??
    presentedApiKey(headers) ??
    (COOKIE_PATH.test(url) ? presentedRefreshToken(headers.cookie) : undefined)
  );
}

/** What stands in `X-API-Key`. */
export function presentedApiKey({ 'x-api-key': header }: PresentedHeaders): string | undefined {
  return typeof header === 'string' && header !== '' ? header : undefined;
}

function bearerToken(authorization = ''): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization)?.[1];
}
