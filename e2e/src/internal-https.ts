import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { sharedCluster } from './cluster-facts';
import type { ClusterFacts } from './cluster-facts';
import type { RefusedConnection } from './internal-client';
import type { Channel } from './internal-targets';
import { publicResponse } from './public-response';
import type { PublicResponse } from './public-response';
import { rememberSecretsOf } from './secrets-in-use';

export type HttpsOutcome =
  { readonly connection: 'accepted'; readonly response: PublicResponse } | RefusedConnection;

const TIMEOUT_MS = 10_000;

/** Reads from auth-service's internal HTTPS face, over a connection of its own, as anybody inside the network could. */
export function getInternal(
  path: string,
  channel: Channel,
  facts: ClusterFacts = sharedCluster(),
): Promise<HttpsOutcome> {
  return sendInternal({ method: 'GET', path }, channel, facts);
}

/** Posts a form to it. */
export function postInternal(
  path: string,
  form: Readonly<Record<string, string>> | URLSearchParams,
  channel: Channel,
  facts: ClusterFacts = sharedCluster(),
): Promise<HttpsOutcome> {
  const parameters = new URLSearchParams(form);
  rememberSecretsOf(Object.fromEntries(parameters));
  const mediaType = { 'content-type': 'application/x-www-form-urlencoded' };
  const metadata = { ...mediaType, ...channel.metadata };
  const request = { method: 'POST', path, body: parameters.toString() };
  return sendInternal(request, { ...channel, metadata }, facts);
}

interface InternalRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
}

async function sendInternal(
  { method, path, body: sent }: InternalRequest,
  { svid, metadata = {}, plaintext, tls }: Channel,
  { authHttpsUrl, certsFolder }: ClusterFacts,
): Promise<HttpsOutcome> {
  const since = new Date();
  const correlationId = `e2e-${randomUUID()}`;
  const { hostname: host, port } = new URL(authHttpsUrl);
  const options = {
    method,
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
    request.end(sent);
  });
}

/** @throws Error when the connection was refused */
export function answered(outcome: HttpsOutcome): PublicResponse {
  if (outcome.connection === 'refused') throw new Error(outcome.error);
  return outcome.response;
}
