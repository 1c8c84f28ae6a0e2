import { sharedCluster } from '../src/cluster-facts';
import { signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { Evidence } from '../src/evidence';
import { EVIDENCE, needs } from '../src/needs';
import { PublicClient } from '../src/public-client';
import type { WireHeaders } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { expectPassed, expectRefused } from '../src/refusal.expectations';
import { rememberSecret } from '../src/secrets-in-use';

needs(...EVIDENCE);

const { gatewayUrl } = sharedCluster();
const REFRESH = ['POST /auth/refresh', 'sallyport.auth.v1.AuthService/Refresh'];

describe('the session cookie in a request that another site made', () => {
  const client = new PublicClient();
  const evidence = new Evidence();
  let customer: Customer;

  beforeAll(async () => {
    customer = await signUp(client);
  });

  /** As the visitor's browser would send it if nothing kept the cookie back. */
  const post = (path: string, headers: WireHeaders, json?: unknown): Promise<PublicResponse> =>
    client.send({
      method: 'POST',
      path,
      headers: [['Cookie', customer.cookie], ...headers],
      json,
    });

  it.each<readonly [from: string, headers: WireHeaders]>([
    ['another site', [['Origin', 'https://attacker.example']]],
    ['a sandboxed page', [['Origin', 'null']]],
    ['a site whose name begins like ours', [['Origin', `${gatewayUrl}.attacker.example`]]],
    ['our host in clear', [['Origin', gatewayUrl.replace('https:', 'http:')]]],
    ['our host at another port', [['Origin', 'https://localhost:1']]],
    ['a sibling host', [['Origin', gatewayUrl.replace('//', '//sibling.')]]],
    ['a page the browser calls cross-site', [['Sec-Fetch-Site', 'cross-site']]],
    ['a page the browser calls same-site', [['Sec-Fetch-Site', 'same-site']]],
    [
      'a page that claims our origin, which the browser denies',
      [
        ['Origin', gatewayUrl],
        ['Sec-Fetch-Site', 'cross-site'],
      ],
    ],
  ])('is refused from %s', async (_, headers) => {
    const answer = await post('/auth/refresh', headers);

    await expectRefused(answer, { evidence, status: 403, code: 'cross_site_request' });
  });

  it.each(['/auth/login', '/auth/register', '/auth/logout'])(
    'is refused at %s as well',
    async (path) => {
      const { email, password } = customer;
      const json = path === '/auth/logout' ? undefined : { email, password };
      const answer = await post(path, [['Origin', 'https://attacker.example']], json);

      await expectRefused(answer, { evidence, status: 403, code: 'cross_site_request' });
    },
  );

  it.each(['/auth/logout-all', '/auth/password'])(
    'is not set or taken away by %s, not even beside an access token',
    async (path) => {
      const { accessToken, password } = customer;
      const json = { currentPassword: password, newPassword: password };
      const answer = await client.send({
        method: 'POST',
        path,
        accessToken,
        headers: [['Origin', 'https://attacker.example']],
        json: path === '/auth/password' ? json : undefined,
      });

      await expectRefused(answer, { evidence, status: 403, code: 'cross_site_request' });
    },
  );

  it('opens nothing but the session paths', async () => {
    const answer = await client.send({ path: '/orders', headers: [['Cookie', customer.cookie]] });

    await expectRefused(answer, { evidence, status: 401, code: 'credential_missing' });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'does not come with a form: %s is no media type of this API',
    async (type) => {
      const { email, password } = customer;
      const body = JSON.stringify({ email, password });
      const answer = await client.exchange(
        [
          'POST /auth/login HTTP/1.1',
          `Host: ${client.host}`,
          'Connection: close',
          `Content-Type: ${type}`,
          `Content-Length: ${body.length}`,
          '',
          body,
        ].join('\r\n'),
      );

      await expectRefused(answer, { evidence, status: 415, code: 'media_type_unsupported' });
    },
  );

  it('finds no other origin welcome: a preflight is answered without leave', async () => {
    const answer = await client.send({
      method: 'OPTIONS',
      path: '/auth/refresh',
      headers: [
        ['Origin', 'https://attacker.example'],
        ['Access-Control-Request-Method', 'POST'],
      ],
    });

    await expectRefused(answer, { evidence, status: 405, code: 'method_not_allowed' });
    const granted = Object.keys(answer.headers).filter((name) => name.startsWith('access-control'));
    expect(granted).toEqual([]);
  });

  it('is one that browsers keep to this host, from scripts and from other sites', async () => {
    const { email, password } = customer;
    const answer = await client.send({
      method: 'POST',
      path: '/auth/login',
      json: { email, password },
    });

    const [cookie = '', device = '', ...more] = answer.headers['set-cookie'] ?? [];
    expect(more).toEqual([]);
    rememberSecret(device.split(/[=;]/)[1] ?? '');
    expect(device).toMatch(
      /^__Host-sallyport-device=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict; Max-Age=7776000$/,
    );
    expect(cookie.split('; ').slice(1).sort()).toEqual([
      'HttpOnly',
      expect.stringMatching(/^Max-Age=60[0-9]{4}$/),
      'Path=/auth',
      'SameSite=Strict',
      'Secure',
    ]);
    expect(cookie).toMatch(/^__Secure-sallyport-refresh=[\w-]{43};/);
  });

  it('is accepted from our own pages, after all of this', async () => {
    const answer = await post('/auth/refresh', [
      ['Origin', gatewayUrl],
      ['Sec-Fetch-Site', 'same-origin'],
    ]);

    await expectPassed(answer, { evidence, handled: REFRESH });
  });
});
