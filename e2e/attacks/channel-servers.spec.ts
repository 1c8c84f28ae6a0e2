import { randomUUID } from 'node:crypto';
import type { TlsOptions } from 'node:tls';
import { billingV1, createRpcClient } from '@sallyport/contracts';
import { GrpcTransport } from '@sallyport/nest-zero-trust';
import { runWithCorrelation } from '@sallyport/observability';
import { FakeCa, RecordedSecurityEvents } from '@sallyport/testing';
import type { FakeLeaf } from '@sallyport/testing';
import type { SvidPem } from '@sallyport/workload-identity';
import { sharedCluster } from '../src/cluster-facts';
import { Evidence } from '../src/evidence';
import { Impostor } from '../src/impostor';
import { InternalClient } from '../src/internal-client';
import { EVIDENCE, needs } from '../src/needs';
import { transactionTokenFor } from '../src/transaction-tokens';

needs(...EVIDENCE);

const TIMEOUT_MS = 3_000;
/** Content types of TLS records (RFC 8446 section 5.1). */
const ALERT = 21;
const HANDSHAKE = 22;
const UNAVAILABLE = { status: 'UNAVAILABLE', reason: 'unavailable' };

const { BillingServiceDefinition } = billingV1;
const { grpcAddresses } = sharedCluster();
const client = new InternalClient();
const evidence = new Evidence();
let ca: FakeCa;
let foreignCa: FakeCa;
beforeAll(async () => {
  ca = await FakeCa.fromDevCa(sharedCluster().certsFolder);
  foreignCa = await FakeCa.create();
});

let server: Impostor | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** orders-service has an order charged, over its own kind of transport, with an identity of its own. */
async function chargeAt(address: string) {
  const events = new RecordedSecurityEvents();
  const source = await ca.source('orders-service');
  const peer = ca.spiffeId('billing-service');
  const transport = new GrpcTransport({ address, source, peer, events });
  const billing = createRpcClient(BillingServiceDefinition, transport);
  const token = transactionTokenFor({ userId: randomUUID(), sessionId: randomUUID() });
  const correlationId = `e2e-${randomUUID()}`;
  const call = runWithCorrelation(correlationId, () =>
    billing.chargeOrder(
      { orderId: randomUUID(), total: { amount: 100, currency: 'EUR' } },
      { timeoutMs: TIMEOUT_MS, metadata: { 'txn-token': token } },
    ),
  );
  try {
    const outcome: unknown = await call.catch((cause: unknown) => cause);
    return { events, outcome, key: { correlationId } };
  } finally {
    transport.close();
  }
}

const serving = ({ certificateChainPem, privateKeyPem }: SvidPem): TlsOptions => ({
  cert: certificateChainPem,
  key: privateKeyPem,
  minVersion: 'TLSv1.3',
});

type Case = readonly [
  name: string,
  options: () => TlsOptions | Promise<TlsOptions>,
  reason: string,
];

describe('orders-service, calling billing-service, tells nothing to', () => {
  it.each<Case>([
    [
      "auth-service's own certificate",
      () => serving(client.svidOf('auth-service')),
      'tls_server_unexpected',
    ],
    [
      "the gateway's own certificate",
      () => serving(client.svidOf('gateway')),
      'tls_server_unexpected',
    ],
    [
      'its own certificate',
      () => serving(client.svidOf('orders-service')),
      'tls_server_unexpected',
    ],
    [
      'billing-service with a second name',
      odd((leaf) => leaf.twoUriSans()),
      'tls_server_unexpected',
    ],
    [
      'billing-service of another trust domain',
      odd((leaf) => leaf.otherTrustDomain()),
      'tls_server_unexpected',
    ],
    ['an authority named as billing-service', odd((leaf) => leaf.isCa()), 'tls_server_unexpected'],
    [
      'a billing-service of another authority',
      async () => serving(await foreignCa.leaf('billing-service').issue()),
      'tls_certificate_untrusted',
    ],
    [
      'a self-signed billing-service',
      odd((leaf) => leaf.selfSigned()),
      'tls_certificate_untrusted',
    ],
    ['an expired billing-service', odd((leaf) => leaf.expired()), 'tls_certificate_expired'],
    [
      'TLS 1.2',
      () => ({
        ...serving(client.svidOf('billing-service')),
        minVersion: 'TLSv1.2',
        maxVersion: 'TLSv1.2',
      }),
      'tls_version_refused',
    ],
  ])('%s', async (_, options, reason) => {
    server = await Impostor.start(await options());
    const { events, outcome } = await chargeAt(server.address);

    expect(outcome).toMatchObject(UNAVAILABLE);
    expect(server.heard).toHaveLength(0);
    expectOneRefusal(events, reason, server.address);
  });

  it('a server that speaks in clear', async () => {
    server = await Impostor.start(undefined);
    const { events, outcome } = await chargeAt(server.address);

    expect(outcome).toMatchObject(UNAVAILABLE);
    // It hears the greeting of a handshake, and at most an alert.
    const [greeting, ...others] = recordTypesIn(server.heard);
    expect(greeting).toBe(HANDSHAKE);
    expect(others.filter((type) => type !== ALERT)).toEqual([]);
    expectOneRefusal(events, 'tls_not_tls', server.address);
  });

  it('auth-service itself, at its own address', async () => {
    const { events, outcome, key } = await chargeAt(grpcAddresses['auth-service']);

    expect(outcome).toMatchObject(UNAVAILABLE);
    expectOneRefusal(events, 'tls_server_unexpected', grpcAddresses['auth-service']);
    expect(await evidence.of(key, () => true)).toEqual({ securityEvents: [], handledCalls: [] });
  });
});

it('orders-service has its order charged by billing-service itself', async () => {
  const { events, outcome, key } = await chargeAt(grpcAddresses['billing-service']);

  expect(outcome).toMatchObject({ invoice: { total: { amount: 100, currency: 'EUR' } } });
  expect(events.all).toEqual([]);
  const { handledCalls } = await evidence.of(key);
  expect(handledCalls).toMatchObject([{ service: 'billing-service', status: 'OK' }]);
});

/** The one trace that the caller keeps of a server it would not talk to. */
function expectOneRefusal(events: RecordedSecurityEvents, reason: string, address: string): void {
  expect(events.all).toEqual([
    {
      type: 'transport',
      outcome: 'refused',
      reason,
      correlationId: expect.any(String),
      target: `${ca.spiffeId('billing-service').toString()} at ${address}`,
    },
  ]);
}

function odd(breach: (leaf: FakeLeaf) => FakeLeaf) {
  return async (): Promise<TlsOptions> => serving(await breach(ca.leaf('billing-service')).issue());
}

/** The content types of TLS records, in order. */
function* recordTypesIn(heard: Buffer): Generator<number> {
  const headerBytes = 5;
  for (
    let at = 0;
    at + headerBytes <= heard.length;
    at += headerBytes + heard.readUInt16BE(at + 3)
  ) {
    yield heard.readUInt8(at);
  }
}
