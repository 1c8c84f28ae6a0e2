import { randomUUID } from 'node:crypto';
import { billingV1 } from '@sallyport/contracts';
import { FakeCa } from '@sallyport/testing';
import { sharedCluster } from '../src/cluster-facts';
import type { ServiceName } from '../src/cluster-facts';
import { partsOf } from '../src/compact-jws';
import { signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { Evidence } from '../src/evidence';
import { InternalClient } from '../src/internal-client';
import { answered, postInternal } from '../src/internal-https';
import type { Channel } from '../src/internal-targets';
import { EVIDENCE, needs } from '../src/needs';
import { PublicClient } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import {
  expectCallRefused,
  expectConnectionRefused,
  expectNothingLeaked,
  expectPassed,
  expectRefused,
} from '../src/refusal.expectations';
import { rpcOf } from '../src/rpc';
import { rememberSecretsOf } from '../src/secrets-in-use';
import {
  transactionTokenFor,
  workloadId,
  workloadTransactionToken,
} from '../src/transaction-tokens';
import { workloadAssertion } from '../src/workload-assertions';
import type { AssertionDeviation } from '../src/workload-assertions';

needs(...EVIDENCE);

const PATH = '/txn-tokens';
const TARGET = `POST ${PATH}`;
const TXN_TOKEN = 'urn:ietf:params:oauth:token-type:txn_token';

const { BillingServiceDefinition } = billingV1;
const chargeOrder = rpcOf(BillingServiceDefinition, 'chargeOrder');
const resolveOrderCharge = rpcOf(BillingServiceDefinition, 'resolveOrderCharge');
const voidOrderCharge = rpcOf(BillingServiceDefinition, 'voidOrderCharge');

const evidence = new Evidence();
const client = new InternalClient();
const outside = new PublicClient();
const { grpcAddresses, certsFolder } = sharedCluster();
const billing = grpcAddresses['billing-service'];
const channelOf = (service: ServiceName): Channel => ({
  get svid() {
    return client.svidOf(service);
  },
});
const orders = channelOf('orders-service');
const now = (): number => Math.floor(Date.now() / 1000);

let customer: Customer;
beforeAll(async () => {
  customer = await signUp(outside);
});

type Form = Readonly<Record<string, string>>;

/** A correct request for a token of `settle-orders`, with changes. */
const beginning = (change: Form = {}): Form => ({
  grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
  requested_token_type: TXN_TOKEN,
  audience: 'sallyport.internal',
  scope: 'charges:resolve charges:void',
  subject_token: change['subject_token'] ?? workloadAssertion(),
  subject_token_type: 'urn:ietf:params:oauth:token-type:self_signed',
  request_context: '{"job":"settle-orders"}',
  ...change,
});

/** A correct request for a replacement of a token, with changes. */
const replacing = (token: string, change: Form = {}): Form => {
  const request = beginning({ subject_token: token, request_context: '' });
  return { ...request, subject_token_type: TXN_TOKEN, ...change };
};

const exchange = async (request: Form): Promise<PublicResponse> => {
  const response = answered(await postInternal(PATH, request, orders));
  rememberSecretsOf(response.json);
  return response;
};

async function issued(request: Form): Promise<string> {
  const response = await exchange(request);
  await expectPassed(response, { evidence, handled: [TARGET] });
  expect(response.headers['cache-control']).toBe('no-store');
  expect(response.json).toEqual({
    access_token: expect.any(String) as string,
    issued_token_type: TXN_TOKEN,
    token_type: 'N_A',
    expires_in: expect.any(Number) as number,
  });
  return (response.json as { readonly access_token: string }).access_token;
}

async function expectExchangeRefused(
  response: PublicResponse,
  error: string,
  reason: string,
): Promise<void> {
  expect(response).toMatchObject({ status: 400, json: { error, error_description: reason } });
  expect(response.headers['cache-control']).toBe('no-store');
  expectNothingLeaked(response.body);
  const { securityEvents } = await evidence.of(
    response,
    (known) => known.securityEvents.length > 0,
  );
  expect(securityEvents).toMatchObject([
    { type: 'token', outcome: 'refused', reason, caller: workloadId('orders-service').toString() },
  ]);
}

describe('the endpoint for transaction tokens lets in', () => {
  it('nobody without a certificate', async () => {
    const outcome = await postInternal(PATH, beginning(), {});
    expect(outcome.connection).toBe('refused');
    if (outcome.connection !== 'refused') return;
    await expectConnectionRefused(outcome, { evidence, reason: 'tls_certificate_missing' });
  });

  it('nobody in clear', async () => {
    const outcome = await postInternal(PATH, beginning(), { ...orders, plaintext: true });
    expect(outcome.connection).toBe('refused');
  });

  it('no orders-service of another authority', async () => {
    const ca = await FakeCa.create();
    const svid = await ca.leaf('orders-service').issue();
    const outcome = await postInternal(PATH, beginning(), { svid });
    expect(outcome.connection).toBe('refused');
  });

  it.each(['gateway', 'billing-service', 'auth-service'] as const)(
    'no %s, though it presents an assertion of orders-service',
    async (stranger) => {
      const response = answered(await postInternal(PATH, beginning(), channelOf(stranger)));
      const code = 'caller_not_allowed';
      expect(response).toMatchObject({ status: 403, problem: { code } });
      expectNothingLeaked(response.body);
      const { securityEvents, handledCalls } = await evidence.of(response);
      expect(securityEvents).toMatchObject([{ outcome: 'refused', reason: code }]);
      expect(handledCalls).toEqual([]);
    },
  );

  it.each(['/txn-tokens', '/oauth2/txn-tokens', '/auth/txn-tokens'])(
    'nobody through the gateway, by %s',
    async (path) => {
      const { accessToken } = customer;
      const response = await outside.send({ method: 'POST', path, accessToken, json: beginning() });
      expect(response.status).toBe(404);
      const { handledCalls } = await evidence.of(response);
      expect(handledCalls).toEqual([]);
    },
  );

  it('nobody through the public token endpoint', async () => {
    const form = Object.entries(beginning());
    const response = await outside.send({ method: 'POST', path: '/oauth2/token', form });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.body).not.toContain('access_token');
  });

  it('orders-service', async () => {
    const { payload } = partsOf(await issued(beginning()));
    const self = workloadId('orders-service').toString();
    expect(payload).toMatchObject({
      ...{ aud: 'sallyport.internal', sub: self, req_wl: self },
      ...{ tctx: { principal_type: 'workload' }, rctx: { job: 'settle-orders' } },
    });
  });
});

type Case = readonly [
  name: string,
  error: string,
  reason: string,
  request: () => Form | Promise<Form>,
];

const asserting = (deviation: AssertionDeviation) => () =>
  beginning({ subject_token: workloadAssertion(deviation) });

const ASSERTIONS: readonly Case[] = [
  [
    "with billing-service's key and chain",
    'invalid_request',
    'assertion_issuer_wrong',
    asserting({ signer: client.svidOf('billing-service') }),
  ],
  [
    "with billing-service's key under its own chain",
    'invalid_request',
    'assertion_signature_invalid',
    asserting({ key: client.svidOf('billing-service') }),
  ],
  [
    'of another authority',
    'invalid_request',
    'assertion_chain_untrusted',
    async () => {
      const signer = await (await FakeCa.create()).leaf('orders-service').issue();
      return asserting({ signer })();
    },
  ],
  [
    'of an expired certificate',
    'invalid_request',
    'assertion_chain_untrusted',
    async () => {
      const ca = await FakeCa.fromDevCa(certsFolder);
      return asserting({ signer: await ca.leaf('orders-service').expired().issue() })();
    },
  ],
  [
    'about billing-service',
    'invalid_request',
    'assertion_subject_wrong',
    asserting({ claims: { sub: workloadId('billing-service').toString() } }),
  ],
  [
    'about a user',
    'invalid_request',
    'assertion_subject_wrong',
    () => asserting({ claims: { sub: customer.userId } })(),
  ],
  [
    'that is expired',
    'invalid_request',
    'assertion_expired',
    () => asserting({ claims: { iat: now() - 90, exp: now() - 30 } })(),
  ],
  [
    'of the future',
    'invalid_request',
    'assertion_not_yet_valid',
    () => asserting({ claims: { iat: now() + 600, exp: now() + 630 } })(),
  ],
  [
    'good for an hour',
    'invalid_request',
    'assertion_claims_invalid',
    () => asserting({ claims: { exp: now() + 3600 } })(),
  ],
  [
    'without an id',
    'invalid_request',
    'assertion_claims_invalid',
    asserting({ claims: { jti: undefined } }),
  ],
  [
    'for billing-service',
    'invalid_request',
    'assertion_audience_wrong',
    asserting({ claims: { aud: workloadId('billing-service').toString() } }),
  ],
  [
    'for the trust domain',
    'invalid_request',
    'assertion_audience_wrong',
    asserting({ claims: { aud: 'sallyport.internal' } }),
  ],
  ['of type JWT', 'invalid_request', 'assertion_type_wrong', asserting({ header: { typ: 'JWT' } })],
  [
    'of type dpop+jwt',
    'invalid_request',
    'assertion_type_wrong',
    asserting({ header: { typ: 'dpop+jwt' } }),
  ],
  [
    'that is an access token',
    'invalid_request',
    'assertion_key_reference_refused',
    () => beginning({ subject_token: customer.accessToken }),
  ],
  [
    'that is a transaction token',
    'invalid_request',
    'assertion_type_wrong',
    () => beginning({ subject_token: workloadTransactionToken() }),
  ],
  [
    'without a signature',
    'invalid_request',
    'assertion_algorithm_refused',
    asserting({ header: { alg: 'none' } }),
  ],
];

const REQUESTS: readonly Case[] = [
  [
    'an access token',
    'invalid_request',
    'requested_token_type_unsupported',
    () => beginning({ requested_token_type: 'urn:ietf:params:oauth:token-type:access_token' }),
  ],
  [
    'another grant',
    'unsupported_grant_type',
    'grant_type_unsupported',
    () => beginning({ grant_type: 'client_credentials' }),
  ],
  [
    'another trust domain',
    'invalid_target',
    'target_wrong',
    () => beginning({ audience: 'foreign.example' }),
  ],
  [
    'a token for an unsigned subject',
    'invalid_request',
    'subject_token_type_unsupported',
    () => beginning({ subject_token_type: 'urn:ietf:params:oauth:token-type:unsigned_json' }),
  ],
  [
    "a token for a user's access token",
    'invalid_request',
    'subject_token_type_unsupported',
    () =>
      beginning({
        subject_token: customer.accessToken,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      }),
  ],
  [
    'a scope of users',
    'invalid_scope',
    'scope_undeclared',
    () => beginning({ scope: 'charges:void orders:write' }),
  ],
  [
    'a scope of another job',
    'invalid_scope',
    'scope_undeclared',
    () => beginning({ scope: 'charges:resolve', request_context: '{"job":"cancel-order"}' }),
  ],
  [
    'a job that is not its',
    'unauthorized_client',
    'job_undeclared',
    () => beginning({ request_context: '{"job":"refund-all"}' }),
  ],
  [
    'details of its own',
    'invalid_request',
    'parameter_unsupported',
    () => beginning({ request_details: '{"principal_type":"user"}' }),
  ],
  [
    'to act for somebody',
    'invalid_request',
    'parameter_unsupported',
    () => beginning({ actor_token: customer.accessToken }),
  ],
];

const REPLACED: readonly Case[] = [
  [
    "a user's token, with its own scope",
    'invalid_request',
    'txn_token_of_principal',
    () => replacing(transactionTokenFor(customer), { scope: 'orders:write' }),
  ],
  [
    "a user's token, with more",
    'invalid_request',
    'txn_token_of_principal',
    () => replacing(transactionTokenFor(customer, { scopes: ['orders:read'] })),
  ],
  [
    'a token of its own making',
    'invalid_request',
    'txn_token_issuer_wrong',
    () => replacing(workloadTransactionToken({ signer: 'orders-service' })),
  ],
  [
    "the gateway's, of a workload",
    'invalid_request',
    'txn_token_issuer_wrong',
    () => replacing(workloadTransactionToken({ signer: 'gateway' })),
  ],
  [
    'a token of a transaction of billing-service',
    'invalid_request',
    'txn_token_of_another_workload',
    () => replacing(workloadTransactionToken({ workload: 'billing-service' })),
  ],
  [
    'an expired token',
    'invalid_request',
    'txn_token_expired',
    () => replacing(workloadTransactionToken({ ageSeconds: 60 })),
  ],
  [
    'a token by a wider one',
    'invalid_scope',
    'scope_widened',
    () => replacing(workloadTransactionToken({ scopes: ['charges:void'] })),
  ],
  ['an assertion', 'invalid_request', 'txn_token_type_wrong', () => replacing(workloadAssertion())],
];

describe.each([
  ['orders-service presents an assertion', ASSERTIONS],
  ['orders-service asks for', REQUESTS],
  ['orders-service has replaced', REPLACED],
])('%s', (_, cases) => {
  it.each(cases)('%s: refused as %s %s', async (_name, error, reason, request) => {
    await expectExchangeRefused(await exchange(await request()), error, reason);
  });
});

describe('an assertion is good once', () => {
  it('and not for a second request', async () => {
    const request = beginning();
    await issued(request);
    await expectExchangeRefused(await exchange(request), 'invalid_request', 'assertion_replayed');
  });

  it('of ten requests at once', async () => {
    const request = beginning();
    const answers = await Promise.all(Array.from({ length: 10 }, () => exchange(request)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array<number>(9).fill(400)]);
  });
});

describe('a replacement', () => {
  it('has the transaction, subject, audience and end of the first, however often it is made', async () => {
    const begun = await issued(beginning());
    const first = partsOf(begun).payload;
    let token = begun;
    for (let count = 0; count < 3; count += 1) {
      token = await issued(replacing(token, { scope: 'charges:void' }));
    }
    const { payload } = partsOf(token);
    for (const claim of ['txn', 'sub', 'aud', 'exp', 'rctx']) {
      expect(payload[claim]).toEqual(first[claim]);
    }
    expect(payload['scope']).toBe('charges:void');
    const widened = await exchange(replacing(token));
    await expectExchangeRefused(widened, 'invalid_scope', 'scope_widened');
  });
});

describe('the token of a workload', () => {
  const presented = (token: string, method: 'charge' | 'resolve' | 'void', by = orders) => {
    const call = { ...by, address: billing, metadata: { 'txn-token': token } };
    const orderId = randomUUID();
    if (method === 'resolve') {
      return client.callAs({ ...call, method: resolveOrderCharge, request: { orderId } });
    }
    if (method === 'void') {
      return client.callAs({ ...call, method: voidOrderCharge, request: { orderId } });
    }
    const request = { orderId, total: { amount: 100, currency: 'EUR' } };
    return client.callAs({ ...call, method: chargeOrder, request });
  };

  it('charges nobody', async () => {
    // Even with the scope of a user, which the token service would not give it.
    for (const token of [
      await issued(beginning()),
      workloadTransactionToken({ scopes: ['orders:write'] }),
    ]) {
      await expectCallRefused(await presented(token, 'charge'), {
        evidence,
        status: 'PERMISSION_DENIED',
        reason: 'workload_not_accepted',
      });
    }
  });

  it('opens no channel', async () => {
    const token = await issued(beginning());
    await expectCallRefused(await presented(token, 'resolve', channelOf('gateway')), {
      evidence,
      status: 'PERMISSION_DENIED',
      reason: 'caller_not_allowed',
    });
  });

  it('is not taken from outside', async () => {
    const token = await issued(beginning());
    const headers = [['Txn-Token', token]] as const;
    const response = await outside.send({ path: '/products', headers });
    await expectRefused(response, { evidence, status: 400, code: 'identity_header_spoofed' });
    const asBearer = await outside.send({ path: '/orders', accessToken: token });
    expect(asBearer.status).toBe(401);
  });

  it('is not taken for a scope it lacks', async () => {
    const token = await issued(beginning({ scope: 'charges:resolve' }));
    await expectCallRefused(await presented(token, 'void'), {
      evidence,
      status: 'PERMISSION_DENIED',
      reason: 'insufficient_scope',
    });
  });

  it.each([
    ['the gateway', 'gateway'],
    ['the workload itself', 'orders-service'],
  ] as const)('is not believed from %s', async (_, signer) => {
    await expectCallRefused(await presented(workloadTransactionToken({ signer }), 'resolve'), {
      evidence,
      status: 'UNAUTHENTICATED',
      reason: 'txn_token_issuer_wrong',
    });
  });

  it("does not make the token service's word on users believed", async () => {
    const token = transactionTokenFor(customer, { signer: client.svidOf('auth-service') });
    await expectCallRefused(await presented(token, 'charge'), {
      evidence,
      status: 'UNAUTHENTICATED',
      reason: 'txn_token_issuer_wrong',
    });
  });

  it('settles a charge, and billing’s log names the transaction and the job', async () => {
    const token = await issued(beginning());
    const outcome = await presented(token, 'resolve');
    await expectPassed(outcome, { evidence, handled: [resolveOrderCharge.target] });
    const { handledCalls } = await evidence.of(outcome.key);
    expect(handledCalls).toMatchObject([
      {
        service: 'billing-service',
        principal: workloadId('orders-service').toString(),
        txn: partsOf(token).payload['txn'],
        job: 'settle-orders',
      },
    ]);
  });
});
