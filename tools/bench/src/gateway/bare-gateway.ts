/**
 * The yardstick: a bare Node server that does for one route what the gateway does for all of them.
 * HTTPS in, a full RS256 check of the bearer token (signature, typ, iss, aud, exp), one unary gRPC
 * call over mutual TLS out. No framework, no cache, no hygiene, no transaction token.
 *
 * Configured by the JSON of SALLYPORT_BENCH_SETTINGS, {@link BareGatewaySettings}; prints its port once it listens.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { createPublicKey, verify } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { ordersV1 } from '@sallyport/contracts';
import { spiffeIdOfCertificate } from '@sallyport/workload-identity';

export interface BareGatewaySettings {
  readonly publicTlsFolder: string;
  readonly svidFolder: string;
  readonly ordersAddress: string;
  readonly ordersSpiffeId: string;
  readonly issuer: string;
  readonly audience: string;
  readonly jwks: { readonly keys: readonly (JsonWebKey & { readonly kid: string })[] };
}

interface Claims {
  readonly sub: string;
  readonly scope: string;
  readonly iss: string;
  readonly aud: string | readonly string[];
  readonly exp: number;
}

const settings = JSON.parse(process.env['SALLYPORT_BENCH_SETTINGS'] ?? '{}') as BareGatewaySettings;
const keys = new Map<string, KeyObject>(
  settings.jwks.keys.map((jwk) => [jwk.kid, createPublicKey({ key: jwk, format: 'jwk' })]),
);

const decode = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());

const verifyBearer = (authorization: string | undefined): Claims | undefined => {
  const [header, payload, signature] = (authorization ?? '').replace(/^Bearer /, '').split('.');
  if (!header || !payload || !signature) return undefined;
  const { alg, typ, kid } = decode(header) as Record<string, unknown>;
  const key = typeof kid === 'string' ? keys.get(kid) : undefined;
  if (alg !== 'RS256' || typ !== 'at+jwt' || !key) return undefined;
  const signed = Buffer.from(`${header}.${payload}`);
  if (!verify('RSA-SHA256', signed, key, Buffer.from(signature, 'base64url'))) return undefined;
  const claims = decode(payload) as Claims;
  const audiences = typeof claims.aud === 'string' ? [claims.aud] : claims.aud;
  const good =
    claims.iss === settings.issuer &&
    audiences.includes(settings.audience) &&
    claims.exp > Date.now() / 1000;
  return good ? claims : undefined;
};

const read = (folder: string, name: string): Buffer => readFileSync(join(folder, name));

const orders = new Client(
  settings.ordersAddress,
  credentials.createSsl(
    read(settings.svidFolder, 'ca.crt'),
    read(settings.svidFolder, 'tls.key'),
    read(settings.svidFolder, 'tls.crt'),
    {
      checkServerIdentity: (_host, certificate) =>
        spiffeIdOfCertificate(certificate.raw).toString() === settings.ordersSpiffeId
          ? undefined
          : new Error('not orders-service'),
    },
  ),
);

const { fullName, methods } = ordersV1.OrdersServiceDefinition;
const path = `/${fullName}/${methods.getOrder.name}`;

const server = createServer(
  {
    cert: read(settings.publicTlsFolder, 'tls.crt'),
    key: read(settings.publicTlsFolder, 'tls.key'),
  },
  (request, response) => {
    const claims = verifyBearer(request.headers.authorization);
    if (!claims) {
      response.writeHead(401).end();
      return;
    }
    const metadata = new Metadata();
    metadata.set('x-user-id', claims.sub);
    metadata.set('x-user-scopes', claims.scope);
    metadata.set('x-principal-type', 'user');
    orders.makeUnaryRequest(
      path,
      (message: ordersV1.GetOrderRequest) =>
        Buffer.from(ordersV1.GetOrderRequest.encode(message).finish()),
      (bytes: Buffer) => ordersV1.GetOrderResponse.decode(bytes),
      { id: request.url?.slice('/orders/'.length) ?? '' },
      metadata,
      { deadline: Date.now() + 2000 },
      (error, reply) => {
        const body = error ? '{}' : JSON.stringify(reply?.order);
        response.writeHead(error ? 502 : 200, { 'content-type': 'application/json' }).end(body);
      },
    );
  },
);

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${String(typeof address === 'object' ? address?.port : '')}\n`);
});
process.once('SIGTERM', () => process.exit(0));
process.once('disconnect', () => process.exit(0));
