import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { sharedCluster } from './cluster-facts';
import type { RefusedConnection } from './internal-client';
import type { Channel } from './internal-targets';
import { publicResponse } from './public-response';
import type { PublicResponse } from './public-response';

export type HttpsOutcome =
  { readonly connection: 'accepted'; readonly response: PublicResponse } | RefusedConnection;

const TIMEOUT_MS = 10_000;

/** Reads from auth-service's internal HTTPS face, over a connection of its own, as anybody inside the network could. */
export async function getInternal(
  path: string,
  { svid, metadata = {}, plaintext, tls }: Channel,
  { authHttpsUrl, certsFolder } = sharedCluster(),
): Promise<HttpsOutcome> {
  const since = new Date();
  const correlationId = `e2e-${randomUUID()}`;
  const { hostname: host, port } = new URL(authHttpsUrl);
  const options = {
    host,
    port,
    path,
    agent: false,
    timeout: TIMEOUT_MS,
    headers: { 'x-correlation-id': correlationId, ...metadata },
  };
  const request =
    plaintext === true
      ? httpRequest(options)
      : httpsRequest({
          ...options,
          ca: readFileSync(join(certsFolder, 'bundle.pem')),
          cert: svid?.certificateChainPem,
          key: svid?.privateKeyPem,
          checkServerIdentity: () => undefined,
          ...tls,
        });
  let clientPort = 0;
  request.once('socket', (socket: Socket) => {
    socket.once('connect', () => (clientPort = socket.localPort ?? 0));
  });
  return new Promise((resolve, reject) => {
    request.once('timeout', () => request.destroy(new Error(`no answer to ${path}`)));
    request.once('error', ({ message }) => {
      const key = { clientPort, since };
      resolve({ connection: 'refused', error: message, clientPort, key });
    });
    request.once('response', (incoming) => {
      const { statusCode = 0, headers } = incoming;
      text(incoming)
        .then((body) => ({ ...publicResponse(statusCode, headers, body), correlationId }))
        .then((response) => resolve({ connection: 'accepted', response }), reject);
    });
    request.end();
  });
}

/** @throws Error when the connection was refused */
export function answered(outcome: HttpsOutcome): PublicResponse {
  if (outcome.connection === 'refused') throw new Error(outcome.error);
  return outcome.response;
}
