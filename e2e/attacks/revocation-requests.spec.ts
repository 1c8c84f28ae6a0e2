import { TokenMint } from '@sallyport/testing';
import { compactJws, encodeJson, partsOf, rs256 } from '../src/compact-jws';
import { refreshTokenOf, renew, signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { Evidence } from '../src/evidence';
import { issuerKey } from '../src/issuer-key';
import { EVIDENCE, needs } from '../src/needs';
import { PublicClient } from '../src/public-client';
import type { PublicRequest } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { expectPassed, expectRefused } from '../src/refusal.expectations';
import { revoke } from '../src/revoke';
import { refusalWithin, STATED_BOUND_MS } from '../src/time-to-refusal';
import { transactionTokenFor } from '../src/transaction-tokens';

needs(...EVIDENCE, 'databases', 'key-encryption-key');

const PATH = '/oauth2/revoke';
const REVOKE = [`POST ${PATH}`, 'sallyport.auth.v1.AuthService/RevokeToken'];

const client = new PublicClient();
const evidence = new Evidence();
let customer: Customer;
beforeEach(async () => {
  customer = await signUp(client);
});

const listOrders = (): Promise<PublicResponse> =>
  client.send({ path: '/orders', accessToken: customer.accessToken });

async function expectNothingRevoked(): Promise<void> {
  expect((await listOrders()).status).toBe(200);
  customer = await renew(client, customer);
  expect((await listOrders()).status).toBe(200);
}

/** The genuine token with these claims, signed by a key of the forger's. */
function forged(changes: Readonly<Record<string, unknown>>): string {
  const { header, payload } = partsOf(customer.accessToken);
  return compactJws(header, { ...payload, ...changes }, rs256(new TokenMint().privateKey));
}

describe('a token is not revoked (R9)', () => {
  it.each<readonly [what: string, token: () => string | Promise<string>]>([
    ['that is nonsense', () => 'nonsense'],
    ['without its signature', () => customer.accessToken.replace(/[^.]+$/, '')],
    [
      'with another user in it',
      () => {
        const [header, , signature] = customer.accessToken.split('.');
        const payload = { ...partsOf(customer.accessToken).payload, sub: 'somebody-else' };
        return [header, encodeJson(payload), signature].join('.');
      },
    ],
    ['of the same id, signed by a forger', () => forged({})],
    ['of another issuer', () => forged({ iss: 'https://issuer.example' })],
    ['that is over', () => expired()],
    ['of a single request inside', () => transactionTokenFor(customer)],
    ['that is the id of the session', () => customer.sessionId],
    ['that is the id of the user', () => customer.userId],
    [
      'that refreshes, but for one letter',
      () => {
        const token = refreshTokenOf(customer);
        return `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`;
      },
    ],
    ['of a great length', () => 'x'.repeat(8_000)],
  ])('with one %s, and the answer does not tell', async (_, token) => {
    const answer = await revoke(client, await token());

    await expectPassed(answer, { evidence, handled: REVOKE });
    expect(answer.body).toBe('');
    await expectNothingRevoked();
  });

  it.each<{
    readonly how: string;
    readonly request: () => Partial<PublicRequest>;
    readonly code: string;
    readonly reason?: string;
  }>([
    {
      how: 'without a token',
      request: () => ({ form: [['token_type_hint', 'access_token']] }),
      code: 'invalid_request',
    },
    {
      how: 'with an empty token',
      request: () => ({ form: [['token', '']] }),
      code: 'invalid_request',
    },
    {
      how: 'with two tokens',
      request: () => ({
        form: [
          ['token', customer.accessToken],
          ['token', refreshTokenOf(customer)],
        ],
      }),
      code: 'invalid_request',
    },
    {
      how: 'in JSON',
      request: () => ({ json: { token: customer.accessToken } }),
      code: 'invalid_request',
      reason: 'media_type_unsupported',
    },
    {
      how: 'with another credential beside the token',
      request: () => ({
        form: [['token', customer.accessToken]],
        accessToken: customer.accessToken,
      }),
      code: 'multiple_credentials',
    },
    {
      how: 'in the URL',
      request: () => ({ path: `${PATH}?token=${customer.accessToken}`, form: [] }),
      code: 'credential_in_url',
    },
  ])('nor $how', async ({ request, code, reason = code }) => {
    const answer = await client.send({ method: 'POST', path: PATH, ...request() });

    const members = code === 'invalid_request' ? { error: code } : {};
    await expectRefused(answer, { evidence, status: 400, code, reason, members });
    await expectNothingRevoked();
  });

  it.each<{ readonly what: string; readonly token: () => string; readonly hint?: string }>([
    { what: 'an access token', token: () => customer.accessToken },
    { what: 'one under a wrong hint', token: () => customer.accessToken, hint: 'refresh_token' },
    { what: 'a refresh token', token: () => refreshTokenOf(customer) },
    { what: 'one under an unknown hint', token: () => refreshTokenOf(customer), hint: 'pat' },
  ])('but with $what it works, and is answered alike', async ({ token, hint = '' }) => {
    const answer = await revoke(client, token(), ['token_type_hint', hint]);
    const since = performance.now();

    await expectPassed(answer, { evidence, handled: REVOKE });
    expect(answer.body).toBe('');
    const { response } = await refusalWithin(STATED_BOUND_MS, listOrders, since);
    expect(response).toMatchObject({ status: 401, problem: { code: 'invalid_token' } });
  });
});

describe('a form, which another site could send without a preflight', () => {
  it.each([
    ['POST', '/auth/login'],
    ['POST', '/auth/register'],
    ['POST', '/auth/refresh'],
    ['POST', '/auth/logout'],
    ['POST', '/auth/password'],
    ['POST', '/auth/logout-all'],
    ['DELETE', '/auth/sessions'],
    ['POST', '/orders'],
    ['POST', '/admin/keys/activate'],
    ['POST', '/admin/accounts/lock'],
  ])('is refused at %s %s', async (method, path) => {
    const answer = await client.send({ method, path, form: [['account', customer.email]] });

    await expectRefused(answer, { evidence, status: 415, code: 'media_type_unsupported' });
  });
});

/** By the issuer's own key, and over since an hour. */
async function expired(): Promise<string> {
  const { header, payload } = partsOf(customer.accessToken);
  const { privateKey } = await issuerKey();
  const iat = Math.floor(Date.now() / 1000) - 3_600;
  return compactJws(header, { ...payload, iat, exp: iat + 900 }, rs256(privateKey));
}
