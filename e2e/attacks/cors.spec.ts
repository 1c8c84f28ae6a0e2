import { signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { Evidence } from '../src/evidence';
import { EVIDENCE, needs } from '../src/needs';
import { PublicClient } from '../src/public-client';
import type { WireHeaders } from '../src/public-client';
import { expectPassed, expectRefused } from '../src/refusal.expectations';

needs(...EVIDENCE);

/** The one other origin this cluster lists. */
const LISTED = 'https://app.localhost:8443';
const LIST_ORDERS = ['GET /orders', 'sallyport.orders.v1.OrdersService/ListOrders'];

const UNLISTED = [
  'https://attacker.example',
  'http://app.localhost:8443',
  'https://app.localhost',
  'https://app.localhost:8443.attacker.example',
  'https://sub.app.localhost:8443',
  'https://localhost:8443',
  'null',
];

describe('a page of another origin', () => {
  const client = new PublicClient();
  const evidence = new Evidence();
  let customer: Customer;

  beforeAll(async () => {
    customer = await signUp(client);
  });

  const preflight = (origin: string, path = '/orders', method = 'GET') =>
    client.send({
      method: 'OPTIONS',
      path,
      headers: [
        ['Origin', origin],
        ['Access-Control-Request-Method', method],
        ['Access-Control-Request-Headers', 'authorization'],
      ],
    });

  const corsHeaders = (headers: object): readonly string[] =>
    Object.keys(headers).filter((name) => name.startsWith('access-control-'));

  it.each(UNLISTED)('gets no preflight answered as %s', async (origin) => {
    const answer = await preflight(origin);

    await expectRefused(answer, { evidence, status: 405, code: 'method_not_allowed' });
    expect(corsHeaders(answer.headers)).toEqual([]);
  });

  it.each(UNLISTED)('may not read an answer as %s', async (origin) => {
    const headers: WireHeaders = [['Origin', origin]];
    const { accessToken } = customer;
    const answer = await client.send({ path: '/orders', accessToken, headers });

    await expectPassed(answer, { evidence, handled: LIST_ORDERS });
    expect(corsHeaders(answer.headers)).toEqual([]);
  });

  it('may when it is listed, without credentials mode', async () => {
    const headers: WireHeaders = [['Origin', LISTED]];
    const { accessToken } = customer;
    const answers = [
      await preflight(LISTED),
      await client.send({ path: '/orders', accessToken, headers }),
      await client.send({ path: '/orders', headers }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([204, 200, 401]);
    for (const answer of answers) {
      expect(answer.headers['access-control-allow-origin']).toBe(LISTED);
      expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
      expect(answer.headers['strict-transport-security']).toBeDefined();
      expect(answer.headers['vary']).toMatch(/^Origin/);
    }
  });

  it('learns of no operations path, and of no method, by asking', async () => {
    const answers = [
      await preflight(LISTED, '/metrics'),
      await preflight(LISTED, '/orders', 'PUT'),
    ];

    expect(answers.map(({ status }) => status)).toEqual([404, 405]);
  });

  it.each<readonly [from: string, headers: WireHeaders]>([
    ['a listed origin of another site', [['Sec-Fetch-Site', 'cross-site']]],
    ['a listed origin of which the browser says nothing', []],
  ])('may not use the cookie from %s', async (_, headers) => {
    const answer = await client.send({
      method: 'POST',
      path: '/auth/refresh',
      headers: [['Cookie', customer.cookie], ['Origin', LISTED], ...headers],
    });

    await expectRefused(answer, { evidence, status: 403, code: 'cross_site_request' });
  });

  it('may from a listed origin of the same site', async () => {
    const answer = await client.send({
      method: 'POST',
      path: '/auth/refresh',
      headers: [
        ['Cookie', customer.cookie],
        ['Origin', LISTED],
        ['Sec-Fetch-Site', 'same-site'],
      ],
    });

    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': LISTED,
      'access-control-allow-credentials': 'true',
    });
  });
});
