import { TrustedHops } from '@sallyport/client-address';
import { startTestGateway, statusAndCode, wireOrder, type TestGateway } from '../gateway.fixture';

const SPOOFED: readonly (readonly [string, string])[] = [
  ['X-Forwarded-For', '203.0.113.9'],
  ['X-Forwarded-For', '127.0.0.1, 203.0.113.9'],
  ['Forwarded', 'for=203.0.113.9'],
  ['X-Real-IP', '203.0.113.9'],
  ['True-Client-IP', '203.0.113.9'],
  ['CF-Connecting-IP', '203.0.113.9'],
  ['X-Client-IP', '203.0.113.9'],
  ['X-Client-Address', '203.0.113.9'],
  ['X_Forwarded_For', '203.0.113.9'],
];

/** Sends a correct request and two that are refused, before and after routing; says from where each was said to come. */
async function addressesOf(gateway: TestGateway, headers: readonly (readonly [string, string])[]) {
  gateway.reset();
  gateway.transports.orders.answer('getOrder', { order: wireOrder() });
  const authorization = ['authorization', `Bearer ${gateway.mint.accessToken()}`] as const;
  const served = await gateway.send({ path: '/orders/1', headers: [authorization, ...headers] });
  const upstream = gateway.upstreamCalls()[0]?.options.metadata?.['x-client-address'];
  const unrouted = await gateway.send({ path: '//', headers });
  const refused = await gateway.send({ path: '/orders', headers });
  const invalid = await gateway.send({
    path: '/orders',
    headers: [['authorization', 'Bearer a'], ...headers],
  });
  expect([served.status, ...[unrouted, refused, invalid].map(statusAndCode)]).toEqual([
    200,
    [400, 'path_not_normalised'],
    [401, 'credential_missing'],
    [401, 'invalid_token'],
  ]);
  return [upstream, ...gateway.events.all.map(({ clientAddress }) => clientAddress)];
}

describe('without trusted proxies', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());

  it.each(SPOOFED)('%s: %s changes nothing', async (name, value) => {
    expect(await addressesOf(gateway, [[name, value]])).toEqual(Array(4).fill('127.0.0.1'));
  });
});

describe('behind a trusted proxy', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    const trustedHops = TrustedHops.of(['127.0.0.1'], 'x-forwarded-for');
    gateway = await startTestGateway({ trustedHops });
  });
  afterAll(() => gateway.close());

  it('takes the address that the proxy has appended', async () => {
    const headers = [['X-Forwarded-For', '198.51.100.1, 203.0.113.9']] as const;
    expect(await addressesOf(gateway, headers)).toEqual(Array(4).fill('203.0.113.9'));
  });

  it('takes the last of several such headers', async () => {
    const headers = [
      ['X-Forwarded-For', '198.51.100.1'],
      ['X-Forwarded-For', '203.0.113.9'],
    ] as const;
    expect(await addressesOf(gateway, headers)).toEqual(Array(4).fill('203.0.113.9'));
  });

  it.each(SPOOFED.filter(([name]) => name !== 'X-Forwarded-For'))(
    '%s: %s changes nothing',
    async (name, value) => {
      expect(await addressesOf(gateway, [[name, value]])).toEqual(Array(4).fill('127.0.0.1'));
    },
  );
});
