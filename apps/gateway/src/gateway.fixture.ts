import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import type { TrustedHops } from '@sallyport/client-address';
import {
  apiKeysV1,
  accountSecurityV1,
  auditV1,
  authV1,
  billingV1,
  clientsV1,
  mfaV1,
  smsV1,
  createRpcClient,
  ordersV1,
  partnersV1,
  passkeysV1,
} from '@sallyport/contracts';
import { createLogger, createRegistry, type HandledCall } from '@sallyport/observability';
import { TransactionTokenMinter } from '@sallyport/principal';
import { ApiKeyAuthenticator } from './api-keys/api-key.authenticator';
import { FakeCa, RecordedSecurityEvents, TokenMint, type FakePartnerCa } from '@sallyport/testing';
import { systemClock, type Clock } from '@sallyport/tokens';
import { accessTokenVerification } from './authentication/access-token.verification';
import type { Authenticator } from './authentication/authenticator';
import { createGateway } from './create-gateway';
import type { ReachesAuthorizationServer } from './oauth/authorization-server';
import { FakeProofMemory } from './dpop/proof-memory.fixture';
import { RequestMetrics } from './listener/request-metrics';
import { KnownCredentials } from './rate-limits/known-credentials';
import type { RateLimits } from './rate-limits/rate-limits';
import { ownRateLimits } from './rate-limits/rate-limits.fixture';
import { PartnerAuthorities } from './partners/partner-authorities';
import {
  PartnerAuthenticator,
  type PartnerAuthenticatorOptions,
} from './partners/partner.authenticator';
import { FakeRevocations } from './revocations.fixture';
import { FakeOwnEvents, FakeSecurityEventLog } from './security-event-log.fixture';
import { FakeUpstream } from './upstream.fixture';
import { IssuerKeys } from './well-known/issuer-keys';

export const PUBLIC_URL = 'https://gateway.example';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** What a test client sends; headers are sent as they are, repeated names included. */
export interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly json?: unknown;
  readonly body?: string;
}

/** A whole gateway on a free port, over fakes. */
export async function startTestGateway(
  options: {
    readonly issuer?: 'up' | 'down';
    readonly allowedOrigins?: readonly string[];
    readonly clientOrigins?: readonly string[];
    readonly trustedHops?: TrustedHops;
    /** In place of limits that no test comes near. */
    readonly rateLimits?: RateLimits;
    readonly authenticators?: readonly Authenticator[];
    /** Signs for partners, who then have a listener of their own. */
    readonly partnerCa?: FakePartnerCa;
    /** What it has revoked. */
    readonly partnerRevocations?: PartnerAuthenticatorOptions['revocations'];
    readonly partnerClock?: Clock;
    /** In place of one that is away. */
    readonly authorizationServer?: ReachesAuthorizationServer;
  } = {},
) {
  const ca = await FakeCa.create();
  const source = await ca.source('gateway');
  const { certificateChainPem, privateKeyPem } = source.current().svid;
  const mint = new TokenMint({ issuer: PUBLIC_URL });
  const events = new RecordedSecurityEvents();
  const handled: HandledCall[] = [];
  const registry = createRegistry({ service: 'gateway' });
  const log: string[] = [];
  const logger = createLogger({
    service: 'gateway',
    level: 'trace',
    destination: { write: (line) => void log.push(line) },
  });
  const transports = {
    auth: new FakeUpstream<
      | authV1.AuthServiceDefinition
      | authV1.OperatorServiceDefinition
      | apiKeysV1.ApiKeyServiceDefinition
      | partnersV1.PartnerServiceDefinition
      | clientsV1.OauthClientServiceDefinition
      | mfaV1.MfaServiceDefinition
      | passkeysV1.PasskeyServiceDefinition
      | smsV1.SmsServiceDefinition
      | accountSecurityV1.AccountSecurityServiceDefinition
      | auditV1.AuditServiceDefinition
    >(
      authV1.AuthServiceDefinition,
      authV1.OperatorServiceDefinition,
      apiKeysV1.ApiKeyServiceDefinition,
      partnersV1.PartnerServiceDefinition,
      clientsV1.OauthClientServiceDefinition,
      mfaV1.MfaServiceDefinition,
      passkeysV1.PasskeyServiceDefinition,
      smsV1.SmsServiceDefinition,
      accountSecurityV1.AccountSecurityServiceDefinition,
      auditV1.AuditServiceDefinition,
    ),
    orders: new FakeUpstream<ordersV1.OrdersServiceDefinition | auditV1.AuditServiceDefinition>(
      ordersV1.OrdersServiceDefinition,
      auditV1.AuditServiceDefinition,
    ),
    billing: new FakeUpstream<billingV1.BillingServiceDefinition | auditV1.AuditServiceDefinition>(
      billingV1.BillingServiceDefinition,
      auditV1.AuditServiceDefinition,
    ),
  };
  const issuer = {
    fetchKeys: async (): Promise<unknown> => {
      if (options.issuer === 'down') throw new Error('the issuer is down');
      return mint.jwks;
    },
  };
  const securityEvents = new FakeSecurityEventLog();
  const ownEvents = new FakeOwnEvents();
  const knownCredentials = new KnownCredentials();
  const revocations = new FakeRevocations((revocation) => {
    knownCredentials.forget(revocation);
  });
  const issuerKeys = new IssuerKeys({
    fetchKeys: () => issuer.fetchKeys(),
    replica: revocations.replica,
    clock: systemClock,
    logger,
  });
  await issuerKeys.keySet.refresh();
  const accessTokens = accessTokenVerification({
    issuer: mint.issuer,
    audience: mint.audience,
    issuerKeys: issuerKeys.keySet,
    replica: revocations.replica,
    follower: revocations,
    clock: systemClock,
    clockToleranceSeconds: 0,
    mostCachedTokens: 100,
  });

  const apiKeyAuthenticator = new ApiKeyAuthenticator({
    apiKeys: createRpcClient(apiKeysV1.ApiKeyServiceDefinition, transports.auth),
    replica: revocations.replica,
    follower: revocations,
    clock: systemClock,
  });

  const proofMemory = new FakeProofMemory();
  const { partnerCa, partnerRevocations, partnerClock = systemClock } = options;
  const partnerAuthorities = partnerCa && PartnerAuthorities.parse(partnerCa.pem);
  const partnerAuthenticator = new PartnerAuthenticator({
    partners: createRpcClient(partnersV1.PartnerServiceDefinition, transports.auth),
    accessTokens,
    replica: revocations.replica,
    follower: revocations,
    revocations: partnerRevocations,
    clock: partnerClock,
  });

  const { app, partnerServer } = await createGateway(
    {
      publicUrl: PUBLIC_URL,
      allowedOrigins: new Set(options.allowedOrigins),
      clientOrigins: new Set(options.clientOrigins),
      accessTokens,
      proofMemory,
      authenticators: options.authenticators ?? [
        ...(partnerAuthorities ? [partnerAuthenticator] : []),
        apiKeyAuthenticator,
      ],
      issuerKeys,
      authorizationServer: options.authorizationServer ?? {
        forward: () => Promise.reject(new Error('not here')),
      },
      transactionTokens: new TransactionTokenMinter({
        source,
        trustDomain: ca.trustDomain,
        clock: systemClock,
      }),
      transports,
      rateLimits: options.rateLimits ?? ownRateLimits({ scale: 1000 }),
      knownCredentials,
      events,
      securityEvents,
      ownEvents,
      calls: { record: (call) => void handled.push(call) },
      requests: new RequestMetrics(registry),
      logger,
      clock: systemClock,
    },
    { cert: certificateChainPem, key: privateKeyPem },
    { partnerAuthorities, ...(options.trustedHops && { trustedHops: options.trustedHops }) },
  );
  await app.listen(0, '127.0.0.1');
  const server = app.getHttpServer();
  const { port } = server.address() as AddressInfo;
  if (partnerServer) await once(partnerServer.listen(0, '127.0.0.1'), 'listening');
  const partnerPort = (partnerServer?.address() as AddressInfo | undefined)?.port ?? 0;

  return {
    app,
    ca,
    mint,
    events,
    securityEvents,
    ownEvents,
    handled,
    registry,
    log,
    transports,
    issuer,
    issuerKeys,
    revocations,
    proofMemory,
    server,
    port,
    partnerServer,
    partnerPort,
    partnerAuthenticator,
    send: (sent: Sent) => send(port, sent),
    /** By the partner listener, on a connection of its own unless an agent keeps one. */
    sendAs: (tls: RequestOptions, sent: Sent) => send(partnerPort, sent, tls),
    exchange: (bytes: string) => exchange(port, bytes),
    upstreamCalls: () => Object.values(transports).flatMap(({ calls }) => calls),
    reset() {
      revocations.isCurrent = true;
      proofMemory.isDown = false;
      proofMemory.asked.length = 0;
      events.clear();
      handled.length = 0;
      log.length = 0;
      for (const { calls } of Object.values(transports)) calls.length = 0;
    },
    close: () => app.close(),
  };
}

export type TestGateway = Awaited<ReturnType<typeof startTestGateway>>;

/** An order as orders-service answers it. */
export function wireOrder(changes: Partial<ordersV1.Order> = {}): ordersV1.Order {
  return {
    id: randomUUID(),
    status: ordersV1.OrderStatus.ORDER_STATUS_CONFIRMED,
    items: [{ sku: 'keep-key', quantity: 2 }],
    total: { amount: 2500, currency: 'EUR' },
    invoiceId: randomUUID(),
    createdAt: new Date('2026-11-24T10:00:00.000Z'),
    ...changes,
  };
}

/** Sends one request on a connection of its own. */
export async function send(port: number, sent: Sent, tls: RequestOptions = {}): Promise<Answer> {
  const { method = 'GET', path, headers = [], json } = sent;
  const body = sent.body ?? (json === undefined ? undefined : JSON.stringify(json));
  const all = [['host', `127.0.0.1:${port}`] as const, ...headers];
  if (json !== undefined) all.push(['content-type', 'application/json']);
  // Node would send an empty body in chunks.
  if (body !== undefined || method === 'POST' || method === 'PATCH') {
    all.push(['content-length', String(Buffer.byteLength(body ?? ''))]);
  }
  return new Promise((resolve, reject) => {
    const request = httpsRequest({
      host: '127.0.0.1',
      port,
      method,
      path,
      headers: all.flat() as never,
      agent: false,
      rejectUnauthorized: false,
      ...tls,
    });
    request.once('error', reject);
    request.once('response', (response) => {
      void text(response).then((received) => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: received,
        });
      }, reject);
    });
    request.end(body);
  });
}

/** Writes bytes to a connection and reads until the other end closes it. */
export async function exchange(port: number, bytes: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  socket.write(bytes);
  return text(socket);
}

/** How an answer refuses. */
export function statusAndCode({ status, body }: Answer): readonly [number, unknown] {
  const { code } = JSON.parse(body) as { readonly code?: unknown };
  return [status, code];
}

/** What a refusal always comes with: a problem, one security event, no trace of a handler and none of the request. */
export function expectRefusal(
  gateway: TestGateway,
  answer: Answer,
  expected: {
    readonly status: number;
    readonly code: string;
    readonly reason?: string;
    /** Further members of the problem. */
    readonly extensions?: Readonly<Record<string, unknown>>;
  },
): void {
  const { status, code, reason = code, extensions = {} } = expected;
  const problem = JSON.parse(answer.body) as Record<string, unknown>;
  expect(problem).toEqual({
    ...extensions,
    type: `urn:sallyport:problem:${code}`,
    title: expect.any(String),
    status,
    code,
    correlationId: answer.headers['x-correlation-id'],
  });
  expect(answer.status).toBe(status);
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(answer.headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains');
  expect(gateway.events.all).toEqual([
    expect.objectContaining({
      outcome: 'refused',
      reason,
      correlationId: problem['correlationId'],
      clientAddress: '127.0.0.1',
    }),
  ]);
  expect(gateway.handled).toEqual([]);
  expect(gateway.upstreamCalls()).toEqual([]);
}
