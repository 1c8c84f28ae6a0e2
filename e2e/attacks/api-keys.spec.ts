import { setTimeout as delay } from 'node:timers/promises';
import { mintApiKey, mintSecret } from '@sallyport/api-keys';
import {
  askForApiKey,
  askToRotate,
  listApiKeys,
  makeApiKey,
  rotateApiKey,
  sendWithKey,
  splicedKey,
} from '../src/api-keys';
import type { HeldApiKey } from '../src/api-keys';
import { sharedCluster } from '../src/cluster-facts';
import { placeOrder, signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { Evidence } from '../src/evidence';
import { EVIDENCE, needs } from '../src/needs';
import { newOperator } from '../src/operators';
import { PublicClient } from '../src/public-client';
import type { PublicRequest, WireHeaders } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { expectPassed, expectProblem, expectRefused } from '../src/refusal.expectations';
import { ServiceLog } from '../src/service-log';
import { refusalWithin, STATED_BOUND_MS } from '../src/time-to-refusal';

needs(...EVIDENCE, 'databases');

const RESOLVE = 'sallyport.apikeys.v1.ApiKeyService/ResolveApiKey';
const LIST_ORDERS = ['GET /orders', 'sallyport.orders.v1.OrdersService/ListOrders'];

const client = new PublicClient();
const evidence = new Evidence();
/** No part of a secret may ever be in a log. */
const secrets: string[] = [];
let operator: Customer;
/** Has a key of their own, to which nothing happens. */
let bystander: Customer;
let theirs: HeldApiKey;
let owner: Customer;
/** Has been used just before. */
let mine: HeldApiKey;
beforeAll(async () => {
  operator = await newOperator(client);
  bystander = await signUp(client);
  theirs = await makeApiKey(client, bystander);
});
beforeEach(async () => {
  owner = await signUp(client);
  mine = await makeApiKey(client, owner);
  for (const each of [mine, theirs]) {
    secrets.push(each.key.slice(20));
    expect((await sendWithKey(client, each)).status).toBe(200);
  }
});
afterAll(() => {
  for (const file of Object.values(sharedCluster().logFiles)) {
    const lines = JSON.stringify(new ServiceLog(file).lines());
    expect(secrets.filter((secret) => lines.includes(secret))).toEqual([]);
  }
});

const as = ({ accessToken }: Customer, request: PublicRequest): Promise<PublicResponse> =>
  client.send({ ...request, accessToken });

async function expectWorks(key: HeldApiKey): Promise<void> {
  const answer = await sendWithKey(client, key);
  const { handledCalls } = await evidence.of(answer);
  // It may have been forgotten for the sake of another one, and is asked for again.
  const wasAsked = handledCalls.some(({ target }) => target === RESOLVE);
  const handled = wasAsked ? [...LIST_ORDERS, RESOLVE] : LIST_ORDERS;
  await expectPassed(answer, { evidence, handled });
}

/** Not accepted: by the gateway alone, or by auth-service when that was asked. */
async function expectInvalid(
  answer: PublicResponse,
  reason: string,
  handled: readonly string[] = [],
): Promise<void> {
  const code = 'invalid_api_key';
  await expectRefused(answer, { evidence, status: 401, code, reason, handled });
  expect(answer.headers['www-authenticate']).toBe('Bearer realm="sallyport"');
}

const damaged = ({ key }: HeldApiKey, index: number): string =>
  key.slice(0, index) + (key[index] === 'x' ? 'y' : 'x') + key.slice(index + 1);

describe('what was never a key', () => {
  it.each<readonly [what: string, make: (key: HeldApiKey) => string]>([
    ['made up', () => 'sp_live_0123456789abcdef'],
    ['empty', () => ''],
    ['cut short', ({ key }) => key.slice(0, -1)],
    ['prolonged', ({ key }) => `${key}0`],
    ['damaged in its id', (key) => damaged(key, 5)],
    ['damaged in its secret', (key) => damaged(key, 30)],
    ['damaged in its checksum', (key) => damaged(key, 66)],
    ['in lower case', ({ key }) => key.toLowerCase()],
    ['in upper case', ({ key }) => key.toUpperCase()],
    ['of another prefix', ({ key }) => key.replace('sp_', 'SP_')],
  ])('is refused unasked: %s', async (_, make) => {
    await expectInvalid(await sendWithKey(client, { key: make(mine) }), 'api_key_malformed');
    await expectWorks(mine);
  });

  it.each<readonly [what: string, make: () => { readonly key: string }, reason: string]>([
    ['an id nobody has', () => ({ key: mintApiKey().presentedKey }), 'api_key_unknown'],
    [
      'an id somebody has, with another secret',
      () => ({ key: mintSecret(mine.id).presentedKey }),
      'api_key_secret_wrong',
    ],
    [
      'the own secret with the id of somebody else',
      () => splicedKey(theirs, mine),
      'api_key_secret_wrong',
    ],
    [
      'the own id with the secret of somebody else',
      () => splicedKey(mine, theirs),
      'api_key_secret_wrong',
    ],
  ])('is refused: %s', async (_, make, reason) => {
    await expectInvalid(await sendWithKey(client, make()), reason, [RESOLVE]);
    await expectWorks(mine);
    await expectWorks(theirs);
  });

  it('would be one, were it put together of parts that belong together', async () => {
    expect(splicedKey(mine, mine)).toEqual(mine);
    await expectWorks(splicedKey(mine, mine));
  });
});

describe('a key that worked', () => {
  const revoke = (path: string) => (): Promise<PublicResponse> =>
    as(owner, { method: 'DELETE', path });
  const byOperator = (action: string) => (): Promise<PublicResponse> =>
    as(operator, {
      method: 'POST',
      path: `/admin/accounts/${action}`,
      json: { account: owner.email },
    });

  it.each<readonly [ending: string, end: () => Promise<PublicResponse>, answered: number]>([
    ['its owner revoked it', () => revoke(`/api-keys/${mine.id}`)(), 204],
    ['its owner revoked all of them', revoke('/api-keys'), 200],
    ['an operator revoked those of the account', byOperator('revoke-api-keys'), 200],
    ['the account was deleted', byOperator('delete'), 200],
  ])('is refused within the bound once %s', async (_, end, answered) => {
    expect((await end()).status).toBe(answered);
    const since = performance.now();

    const ask = () => sendWithKey(client, mine);
    const { response } = await refusalWithin(STATED_BOUND_MS, ask, since);
    expectProblem(response, { status: 401, code: 'invalid_api_key' });
    await expectInvalid(await ask(), 'api_key_revoked');
    await expectWorks(theirs);
  });

  it('is refused while its account is locked, and not any longer', async () => {
    const other = await rotateApiKey(client, owner, mine, 60);
    await expectWorks(other);
    await byOperator('lock')();
    const since = performance.now();

    const ask = () => sendWithKey(client, mine);
    const { response } = await refusalWithin(STATED_BOUND_MS, ask, since);
    await expectInvalid(response, 'account_locked', [RESOLVE]);
    // That is remembered for some seconds, and is an event each time.
    await expectInvalid(await ask(), 'api_key_refused');
    await byOperator('unlock')();
    await expectWorks(other);
    await expectWorks(theirs);
  });

  it('goes on when the sessions of its account are ended', async () => {
    expect((await byOperator('end-sessions')()).status).toBe(200);
    await expectWorks(mine);
  });

  it('is refused once it has expired', async () => {
    const expiresAt = new Date(Date.now() + 2_500).toISOString();
    const brief = await makeApiKey(client, owner, { expiresAt });
    await expectWorks(brief);
    await delay(Date.parse(expiresAt) - Date.now() + 50);
    await expectInvalid(await sendWithKey(client, brief), 'api_key_expired');
    await expectWorks(mine);
  });

  it('is refused within the bound once it was rotated without an overlap', async () => {
    const next = await rotateApiKey(client, owner, mine, 0);
    const since = performance.now();

    const ask = () => sendWithKey(client, mine);
    const { response } = await refusalWithin(STATED_BOUND_MS, ask, since);
    await expectInvalid(response, 'api_key_revoked');
    await expectWorks(next);
  });

  it('is refused once the overlap of its rotation is over, and not before', async () => {
    const next = await rotateApiKey(client, owner, mine, 3);
    const { previous } = (await listApiKeys(client, owner))[0] ?? {};
    const end = Date.parse(previous?.validUntil ?? '');
    await expectWorks(next);
    await expectWorks(mine);
    await delay(end - Date.now() + 50);
    await expectInvalid(await sendWithKey(client, mine), 'api_key_expired');
    await expectWorks(next);
  });

  it('is refused within the bound when it is rotated once more, whatever its overlap was', async () => {
    const second = await rotateApiKey(client, owner, mine, 3600);
    await expectWorks(mine);
    const third = await rotateApiKey(client, owner, mine, 3600);
    const since = performance.now();

    const ask = () => sendWithKey(client, mine);
    const { response } = await refusalWithin(STATED_BOUND_MS, ask, since);
    await expectInvalid(response, 'api_key_revoked');
    await expectWorks(second);
    await expectWorks(third);
  });
});

describe('a key is refused where it has no business', () => {
  it.each<PublicRequest>([
    { method: 'GET', path: '/auth/me' },
    { method: 'GET', path: '/auth/sessions' },
    { method: 'DELETE', path: '/auth/sessions' },
    { method: 'POST', path: '/auth/logout-all' },
    { method: 'POST', path: '/auth/password', json: { currentPassword: 'a', newPassword: 'b' } },
    { method: 'GET', path: '/api-keys' },
    { method: 'POST', path: '/api-keys', json: { name: 'a', scopes: ['orders:read'] } },
    { method: 'DELETE', path: '/api-keys' },
  ])('as what a user does in a session: $method $path', async (request) => {
    const answer = await sendWithKey(client, mine, request);
    await expectRefused(answer, { evidence, status: 403, code: 'session_required' });
    await expectWorks(mine);
  });

  it.each<PublicRequest>([
    { method: 'POST', path: '/orders', json: { items: [] } },
    { method: 'GET', path: '/invoices' },
    { method: 'GET', path: '/admin/keys' },
    { method: 'POST', path: '/admin/accounts/lock', json: { account: 'ada@example.com' } },
  ])('beyond its scopes: $method $path', async (request) => {
    const answer = await sendWithKey(client, mine, request);
    await expectRefused(answer, { evidence, status: 403, code: 'insufficient_scope' });
    await expectWorks(mine);
  });

  it('on an order of somebody else', async () => {
    const { id } = await placeOrder(client, bystander);
    const answer = await sendWithKey(client, mine, { path: `/orders/${id}` });
    const handled = ['GET /orders/:id', 'sallyport.orders.v1.OrdersService/GetOrder'];
    await expectRefused(answer, { evidence, status: 404, code: 'order_not_found', handled });
    expect((await sendWithKey(client, theirs, { path: `/orders/${id}` })).status).toBe(200);
  });

  it.each<readonly [where: string, path: (key: string) => string]>([
    ['a parameter of its name', (key) => `/orders?api_key=${key}`],
    ['a parameter of any name', (key) => `/orders?q=${key}`],
    ['a parameter, cut short', (key) => `/orders?q=${key.slice(0, 40)}`],
    ['the path', (key) => `/orders/${key}`],
    ['a public path', (key) => `/products?ref=${key}`],
  ])('in the URL: %s', async (_, path) => {
    const answer = await client.send({ path: path(mine.key) });
    await expectRefused(answer, { evidence, status: 400, code: 'credential_in_url' });
    await expectWorks(mine);
  });

  it.each<
    readonly [where: string, headers: (key: string) => WireHeaders, status: number, code: string]
  >([
    ['a cookie', (key) => [['Cookie', `a=${key}`]], 400, 'credential_misplaced'],
    ['Api-Key', (key) => [['Api-Key', key]], 400, 'credential_misplaced'],
    ['X_API_Key', (key) => [['X_API_Key', key]], 400, 'header_alias'],
    [
      'two X-API-Key',
      (key) => [
        ['X-API-Key', key],
        ['x-api-key', key],
      ],
      400,
      'multiple_credentials',
    ],
    [
      'X-API-Key beside a token',
      (key) => [
        ['X-API-Key', key],
        ['Authorization', `Bearer ${owner.accessToken}`],
      ],
      400,
      'multiple_credentials',
    ],
    [
      'Basic',
      (key) => [['Authorization', `Basic ${Buffer.from(`${key}:`).toString('base64')}`]],
      401,
      'credential_missing',
    ],
  ])('in %s', async (_, headers, status, code) => {
    const answer = await client.send({ path: '/orders', headers: headers(mine.key) });
    await expectRefused(answer, { evidence, status, code });
    await expectWorks(mine);
  });

  it('in Bearer', async () => {
    const answer = await client.send({ path: '/orders', accessToken: mine.key });
    const [code, reason] = ['invalid_token', 'token_malformed'];
    await expectRefused(answer, { evidence, status: 401, code, reason });
    await expectWorks(mine);
  });
});

describe('what its owner may not', () => {
  const CREATE = ['POST /api-keys', 'sallyport.apikeys.v1.ApiKeyService/CreateApiKey'];

  it('is to give a key a scope the session has not', async () => {
    const answer = await askForApiKey(client, owner, { scopes: ['orders:read', 'keys:manage'] });
    const code = 'scope_not_held';
    await expectRefused(answer, { evidence, status: 403, code, handled: CREATE });
    const made = await askForApiKey(client, owner, { scopes: ['orders:read', 'billing:read'] });
    expect(made.status).toBe(201);
  });

  it('is to give a key the power to make others', async () => {
    const answer = await askForApiKey(client, owner, { scopes: ['api-keys:manage'] });
    expectProblem(answer, { status: 400, code: 'api_key_scopes_invalid' });
  });

  it('is to rotate a key of somebody else, nor to revoke it', async () => {
    const code = 'api_key_not_found';
    const rotated = await askToRotate(client, owner, theirs, 0);
    const path = `/api-keys/${theirs.id}`;
    const revoked = await as(owner, { method: 'DELETE', path });
    for (const [answer, handled] of [
      [rotated, ['POST /api-keys/:id/rotate', 'sallyport.apikeys.v1.ApiKeyService/RotateApiKey']],
      [revoked, ['DELETE /api-keys/:id', 'sallyport.apikeys.v1.ApiKeyService/RevokeApiKey']],
    ] as const) {
      await expectRefused(answer, { evidence, status: 404, code, handled });
    }
    await expectWorks(theirs);
    expect((await askToRotate(client, owner, mine, 60)).status).toBe(200);
  });

  it('is to see a secret again', async () => {
    const shown = JSON.stringify(await listApiKeys(client, owner));
    expect(shown).toContain(mine.id);
    expect(shown).not.toContain(mine.key.slice(20, 30));
  });
});
