import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { presentedCertificateOf } from '../partners/presented-certificate';
import { KnownRoutes } from './known-routes';

const ALLOWED_HEADERS = 'authorization, content-type, dpop, idempotency-key, x-api-key';

const EXPOSED_HEADERS =
  'dpop-nonce, location, ratelimit, ratelimit-policy, retry-after, www-authenticate, x-correlation-id';

const PREFLIGHT_MAX_AGE_SECONDS = '600';

/** Where a cookie means something. */
const COOKIE_PATH = /^\/auth\//;

/** Where else the visitor's own pages are, and nothing is for a client's access token. */
const OWN_PAGES = /^\/(?:admin|oauth2\/(?:interaction|account))(?:\/|$)/;

/**
 * Lets pages of the listed origins read answers (Fetch standard section 3.2); any other gets not one CORS header, and its
 * request is handled or refused as if there were no CORS. A preflight is answered only for a route and method that
 * exist. Credentials mode is allowed where the cookie is used, and nowhere else. Add before the first route, and
 * before the hooks that refuse what has no handler.
 *
 * Pages of OAuth clients may read what they get with their own access tokens, and the token endpoint's answers, but
 * nothing where a cookie of this system's own pages means something: there they are strangers.
 *
 * This decides what a browser shows to a page, not what a request may do: that is up to authentication and to
 * SameOriginGuard.
 */
export function addCors(
  instance: FastifyInstance,
  origins: ReadonlySet<string>,
  clientOrigins: ReadonlySet<string> = new Set(),
): void {
  if (origins.size + clientOrigins.size === 0) return;
  const routes = new KnownRoutes(instance);

  instance.addHook('onRequest', (request, reply, done) => {
    // A certificate in a browser goes along unasked, like a cookie: no page reads what it opens.
    if (presentedCertificateOf(request.raw) !== undefined) {
      done();
      return;
    }
    reply.header('vary', 'Origin');
    const { origin } = request.headers;
    const path = request.url.split('?', 1)[0] ?? '';
    const isListed =
      origin !== undefined &&
      (origins.has(origin) || (clientOrigins.has(origin) && !isOwnPlace(path)));
    if (!isListed) {
      done();
      return;
    }
    const wanted = preflightMethod(request);
    if (wanted === undefined) {
      allow(reply, origin, path).header('access-control-expose-headers', EXPOSED_HEADERS);
      done();
      return;
    }
    const methods = routes.methodsAt(path);
    if (!methods.includes(wanted)) {
      done();
      return;
    }
    void allow(reply, origin, path)
      .header('vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers')
      .header('x-correlation-id', request.id)
      .header('access-control-allow-methods', methods.join(', '))
      .header('access-control-allow-headers', ALLOWED_HEADERS)
      .header('access-control-max-age', PREFLIGHT_MAX_AGE_SECONDS)
      .code(204)
      .send();
  });
}

function isOwnPlace(path: string): boolean {
  return COOKIE_PATH.test(path) || OWN_PAGES.test(path);
}

function preflightMethod({ method, headers }: FastifyRequest): string | undefined {
  return method === 'OPTIONS' ? headers['access-control-request-method'] : undefined;
}

function allow(reply: FastifyReply, origin: string, path: string): FastifyReply {
  reply.header('access-control-allow-origin', origin);
  return COOKIE_PATH.test(path) ? reply.header('access-control-allow-credentials', 'true') : reply;
}
