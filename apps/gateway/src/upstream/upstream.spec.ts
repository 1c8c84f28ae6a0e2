import { IDENTITY_HEADERS, TransactionTokenVerifier } from '@sallyport/principal';
import { systemClock } from '@sallyport/tokens';
import fc from 'fast-check';
import { startTestGateway, wireOrder, type TestGateway } from '../gateway.fixture';

const ALLOWED = [
  ...Object.values(IDENTITY_HEADERS),
  'txn-token',
  'x-client-address',
  'x-correlation-id',
].sort();

let gateway: TestGateway;
let authorization: string;
beforeAll(async () => {
  gateway = await startTestGateway();
  gateway.transports.orders.answer('getOrder', { order: wireOrder() });
  authorization = `Bearer ${gateway.mint.accessToken()}`;
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
});

describe('the metadata of a call upstream', () => {
  it('holds no header of the client, by name or by value', async () => {
    const marker = 'client-4f1c';
    const name = fc.oneof(
      fc.stringMatching(/^[A-Za-z][A-Za-z0-9._-]{0,20}$/),
      fc.constantFrom('x-correlation-id', 'x-client-address', 'x-forwarded-for', 'x-real-ip'),
      fc.constantFrom('forwarded', 'traceparent', 'grpc-timeout', 'te', 'via', 'x-user-name'),
      fc.constantFrom(...ALLOWED.flatMap((allowed) => [`${allowed}-bin`, `x-${allowed}`])),
    );
    const value = fc.stringMatching(/^[!-~]{0,20}$/).map((text) => `${marker}${text}`);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 8 }),
        async (headers) => {
          gateway.reset();
          const answer = await gateway.send({
            path: '/orders/1',
            headers: [['authorization', authorization], ...headers],
          });
          const calls = gateway.upstreamCalls();
          expect(calls).toHaveLength(answer.status === 200 ? 1 : 0);
          for (const { options } of calls) {
            expect(Object.keys(options.metadata ?? {}).sort()).toEqual(ALLOWED);
            expect(JSON.stringify(options.metadata)).not.toContain(marker);
          }
        },
      ),
      { numRuns: 150, examples: [[[['x-correlation-id', marker]]], [[['forwarded', marker]]]] },
    );
  });

  it('is what the access token says, with a transaction token of the same content', async () => {
    const { claims } = gateway.mint;
    const token = gateway.mint.accessToken({ payload: claims });
    const answer = await gateway.send({
      path: '/orders/1',
      headers: [['authorization', `Bearer ${token}`]],
    });
    const [call] = gateway.upstreamCalls();
    const { 'txn-token': transactionToken = '', ...metadata } = call?.options.metadata ?? {};
    expect(metadata).toEqual({
      'x-user-id': claims['sub'],
      'x-user-scopes': claims['scope'],
      'x-principal-type': 'user',
      'x-client-id': claims['client_id'],
      'x-session-id': claims['sid'],
      'x-auth-acr': claims['acr'],
      'x-auth-time': String(claims['auth_time']),
      'x-client-address': '127.0.0.1',
      'x-correlation-id': answer.headers['x-correlation-id'],
    });

    const verifier = new TransactionTokenVerifier({
      bundle: () => gateway.ca.bundle(),
      issuers: { principal: gateway.ca.spiffeId('gateway'), workload: undefined },
      trustDomain: gateway.ca.trustDomain,
      clock: systemClock,
    });
    const transaction = verifier.verify(transactionToken);
    if (transaction.initiator !== 'principal') throw new Error('of a workload');
    const { principal, context } = transaction;
    expect(principal).toMatchObject({ id: claims['sub'], sessionId: claims['sid'] });
    expect([...principal.scopes].join(' ')).toBe(claims['scope']);
    expect(context).toEqual({ method: 'GET', route: '/orders/:id', clientAddress: '127.0.0.1' });
  });

  it('is an object of its own, and its transaction a new one, for every call', async () => {
    const sent = { path: '/orders/1', headers: [['authorization', authorization]] as const };
    await gateway.send(sent);
    await gateway.send(sent);
    const [first, second] = gateway.upstreamCalls().map(({ options }) => options.metadata ?? {});
    expect(first).not.toBe(second);
    expect(first?.['txn-token']).not.toBe(second?.['txn-token']);
    expect(first?.['x-correlation-id']).not.toBe(second?.['x-correlation-id']);
  });
});
