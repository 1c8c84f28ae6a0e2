import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { sharedCluster } from '../src/cluster-facts';
import { signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { Evidence } from '../src/evidence';
import { EVIDENCE, needs } from '../src/needs';
import { PublicClient } from '../src/public-client';
import type { WireHeaders } from '../src/public-client';
import { expectPassed, expectRefused } from '../src/refusal.expectations';

needs(...EVIDENCE);

describe('credentials in the wrong place (R7)', () => {
  const client = new PublicClient();
  const evidence = new Evidence();
  /** No part of these may ever be in a log. */
  const presented: string[] = [];
  let customer: Customer;

  beforeAll(async () => {
    customer = await signUp(client);
    presented.push(customer.accessToken, customer.accessToken.split('.')[2] ?? '');
  });

  /** A secret that can be found again. */
  const secret = (): string => {
    const value = randomUUID();
    presented.push(value);
    return value;
  };

  it.each([
    'access_token',
    'token',
    'api_key',
    'apikey',
    'key',
    'authorization',
    'jwt',
    'id_token',
    'refresh_token',
    'client_secret',
    'password',
    'ACCESS_TOKEN',
    'Access-Token',
    'auth.token',
    'credentials[token]',
    '%61ccess_token',
    '%2561ccess_token',
    '__Secure-sallyport-refresh',
    'mfaToken',
    'newPassword',
    'refresh',
    'limit=5&access_token',
    'limit=5;access_token',
  ])('are refused in the query as %s', async (name) => {
    const path = `/orders?${name}=${secret()}`;
    const answer = await client.send({ path, accessToken: customer.accessToken });

    await expectRefused(answer, { evidence, status: 400, code: 'credential_in_url' });
  });

  it.each<readonly [place: string, path: (token: string) => string]>([
    ['in a parameter of any name', (token) => `/orders?q=${token}`],
    ['in a parameter, percent-encoded', (token) => `/orders?q=${token.replaceAll('.', '%2E')}`],
    ['in a parameter, encoded twice', (token) => `/orders?q=${token.replaceAll('.', '%252E')}`],
    ['as the name of a parameter', (token) => `/orders?${token}`],
    ['in the path', (token) => `/orders/${token}`],
    ['in a public path', (token) => `/products?ref=${token}`],
    ['in a path that does not exist', (token) => `/nowhere/${token}`],
    ['in a fragment', (token) => `/orders#access_token=${token}`],
  ])('are refused when a token stands %s', async (_, path) => {
    const answer = await client.send({ path: path(customer.accessToken) });

    await expectRefused(answer, { evidence, status: 400, code: 'credential_in_url' });
  });

  it('are refused in the query of a route that does not exist', async () => {
    const answer = await client.send({ path: `/nowhere?access_token=${secret()}` });

    await expectRefused(answer, { evidence, status: 400, code: 'credential_in_url' });
  });

  it('are refused in the query of a route that wants none', async () => {
    const answer = await client.send({ path: `/products?api_key=${secret()}` });

    await expectRefused(answer, { evidence, status: 400, code: 'credential_in_url' });
  });

  it.each<readonly [pair: string, headers: (bearer: string) => WireHeaders]>([
    [
      'the same Authorization twice',
      (bearer) => [
        ['Authorization', bearer],
        ['Authorization', bearer],
      ],
    ],
    [
      'two different Authorizations',
      (bearer) => [
        ['Authorization', bearer],
        ['authorization', `Bearer ${secret()}`],
      ],
    ],
    [
      'an empty Authorization before a good one',
      (bearer) => [
        ['Authorization', ''],
        ['Authorization', bearer],
      ],
    ],
    ['two tokens in one Authorization', (bearer) => [['Authorization', `${bearer}, Bearer x`]]],
    ['a list of tokens', (bearer) => [['Authorization', `${bearer},${secret()}`]]],
    [
      'another scheme beside Bearer',
      (bearer) => [['Authorization', `${bearer}, Basic ${secret()}`]],
    ],
    [
      'Authorization and X-API-Key',
      (bearer) => [
        ['Authorization', bearer],
        ['X-API-Key', secret()],
      ],
    ],
    [
      'X-API-Key in another spelling',
      (bearer) => [
        ['x_api_key', secret()],
        ['Authorization', bearer],
      ],
    ],
    [
      'Authorization and Proxy-Authorization',
      (bearer) => [
        ['Authorization', bearer],
        ['Proxy-Authorization', `Basic ${secret()}`],
      ],
    ],
  ])('are refused in pairs: %s', async (_, headers) => {
    const answer = await client.send({
      path: '/orders',
      headers: headers(`Bearer ${customer.accessToken}`),
    });

    await expectRefused(answer, { evidence, status: 400, code: 'multiple_credentials' });
  });

  it('are refused in pairs on a route that does not exist', async () => {
    const answer = await client.send({
      path: '/nowhere',
      accessToken: customer.accessToken,
      headers: [['X-API-Key', secret()]],
    });

    await expectRefused(answer, { evidence, status: 400, code: 'multiple_credentials' });
  });

  it.each(['/auth/refresh', '/auth/logout'])(
    'are refused beside the refresh cookie at %s, where that is the credential',
    async (path) => {
      const { cookie, accessToken } = customer;
      const headers: WireHeaders = [['Cookie', cookie]];
      const answer = await client.send({ method: 'POST', path, headers, accessToken });

      await expectRefused(answer, { evidence, status: 400, code: 'multiple_credentials' });
    },
  );

  it('pass beside the cookie that a browser sends along with them to another path', async () => {
    const { cookie, accessToken } = customer;
    const answer = await client.send({
      path: '/auth/me',
      headers: [['Cookie', cookie]],
      accessToken,
    });

    await expectPassed(answer, {
      evidence,
      handled: ['GET /auth/me', 'sallyport.auth.v1.AuthService/GetAccount'],
    });
  });

  it('let the refresh cookie alone renew the session', async () => {
    const { cookie } = await signUp(client);
    const answer = await client.send({
      method: 'POST',
      path: '/auth/refresh',
      headers: [['Cookie', cookie]],
    });

    await expectPassed(answer, {
      evidence,
      handled: ['POST /auth/refresh', 'sallyport.auth.v1.AuthService/Refresh'],
    });
  });

  it.each<readonly [place: string, headers: (token: string) => WireHeaders]>([
    ['a cookie', (token) => [['Cookie', `access_token=${token}`]]],
    ['a cookie of any name', (token) => [['Cookie', `theme=dark; session=${token}`]]],
    ['a cookie, percent-encoded', (token) => [['Cookie', `a=${token.replaceAll('.', '%2e')}`]]],
    ['X-Access-Token', (token) => [['X-Access-Token', token]]],
    ['X-Auth-Token', (token) => [['X-Auth-Token', token]]],
    ['Proxy-Authorization', (token) => [['Proxy-Authorization', `Bearer ${token}`]]],
    ['Api-Key', (token) => [['Api-Key', token]]],
    ['X-Authorization', (token) => [['X-Authorization', token]]],
    ['a header of any name', (token) => [['X-Request-Source', `a ${token}`]]],
    ['a cookie of this host', (token) => [['Cookie', `__Host-access_token=${token}`]]],
  ])('are refused in %s', async (_, headers) => {
    const answers = await Promise.all([
      client.send({ path: '/orders', headers: headers(customer.accessToken) }),
      client.send({ path: '/products', headers: headers(customer.accessToken) }),
    ]);

    for (const answer of answers) {
      await expectRefused(answer, { evidence, status: 400, code: 'credential_misplaced' });
    }
  });

  it.each([
    'Authorization_',
    'Authorization.',
    'Authorization-bin',
    'X_API_KEY',
    'X.Api.Key',
    'X-Api-Key-Bin',
  ])('are refused under the name %s', async (name) => {
    const headers: WireHeaders = [[name, `Bearer ${customer.accessToken}`]];
    const answer = await client.send({ path: '/products', headers });

    await expectRefused(answer, { evidence, status: 400, code: 'header_alias' });
  });

  it.each(['Authorization', 'X-API-Key', 'Cookie', 'Content-Length', 'Host', 'Idempotency-Key'])(
    'cannot be taken away by Connection: %s',
    async (name) => {
      const answer = await client.send({
        path: '/orders',
        accessToken: customer.accessToken,
        headers: [['Connection', `close, ${name}`]],
      });

      await expectRefused(answer, { evidence, status: 400, code: 'hop_by_hop_refused' });
    },
  );

  it('are refused in a trailer', async () => {
    const answer = await client.send({
      method: 'POST',
      path: '/orders',
      json: { items: [] },
      trailers: [['Authorization', `Bearer ${customer.accessToken}`]],
    });

    await expectRefused(answer, { evidence, status: 400, code: 'trailer_refused' });
  });

  it('are refused in a body that has no place for them', async () => {
    const answer = await client.send({
      method: 'POST',
      path: '/orders',
      accessToken: customer.accessToken,
      headers: [['Idempotency-Key', randomUUID()]],
      json: { items: [{ sku: 'keep-key', quantity: 1 }], access_token: secret() },
    });

    expect(answer).toMatchObject({ status: 400, problem: { code: 'validation_failed' } });
    expect(answer.json).toMatchObject({
      violations: [{ path: 'access_token', rule: 'unknown_field' }],
    });
  });

  it('are refused in a form where JSON is meant', async () => {
    const answer = await client.send({
      method: 'POST',
      path: '/auth/login',
      form: [['access_token', secret()]],
    });

    await expectRefused(answer, { evidence, status: 415, code: 'media_type_unsupported' });
  });

  it('count for nothing in an Authorization of another scheme', async () => {
    const headers: WireHeaders = [['Authorization', `Token ${customer.accessToken}`]];
    const answer = await client.send({ path: '/orders', headers });

    await expectRefused(answer, { evidence, status: 401, code: 'credential_missing' });
  });

  it('count for nothing in the address of the page before, which is in no log', async () => {
    const referer = `https://app.example/?access_token=${customer.accessToken}`;
    const answer = await client.send({ path: '/products', headers: [['Referer', referer]] });

    await expectPassed(answer, {
      evidence,
      handled: ['GET /products', 'sallyport.orders.v1.OrdersService/ListProducts'],
    });
  });

  it('count for nothing in a body', async () => {
    const answer = await client.send({
      method: 'POST',
      path: '/orders',
      json: { access_token: customer.accessToken, items: [] },
    });

    await expectRefused(answer, { evidence, status: 401, code: 'credential_missing' });
  });

  it('are accepted in Authorization, beside parameters that mean something else', async () => {
    const answer = await client.send({
      path: '/orders?limit=5',
      accessToken: customer.accessToken,
    });

    await expectPassed(answer, {
      evidence,
      handled: ['GET /orders', 'sallyport.orders.v1.OrdersService/ListOrders'],
    });
  });

  it('are in no log, wherever they stood', () => {
    const logs = Object.entries(sharedCluster().logFiles).map(
      ([service, file]) => [service, readFileSync(file, 'utf8')] as const,
    );
    const found = logs.flatMap(([service, log]) =>
      presented.filter((value) => log.includes(value)).map((value) => `${service}: ${value}`),
    );

    expect(presented.length).toBeGreaterThan(20);
    expect(found).toEqual([]);
  });
});
