import helmet from '@fastify/helmet';
import { fastify } from 'fastify';

/** Header names and values that every response of the public listener carries unless its handler says otherwise. */
export type ResponseHeaders = ReadonlyArray<readonly [name: string, value: string]>;

const ONE_YEAR_SECONDS = 31_536_000;

/**
 * Computes the security headers of this API once: they are the same for every response, and helmet would build them anew
 * for each. Nothing may be loaded, framed or cached from an API response; HSTS as RFC 6797.
 */
export async function computeSecurityHeaders(): Promise<ResponseHeaders> {
  const probe = fastify();
  await probe.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: { maxAge: ONE_YEAR_SECONDS, includeSubDomains: true },
  });
  probe.get('/', (_request, reply) => reply.code(204).send());
  const { headers } = await probe.inject('/');
  await probe.close();

  const ofTheProbe = new Set(['date', 'connection', 'content-length']);
  return [
    ...Object.entries(headers)
      .filter(([name]) => !ofTheProbe.has(name))
      .map(([name, value]) => [name, String(value)] as const),
    ['cache-control', 'no-store'],
  ];
}
