import { randomUUID } from 'node:crypto';
import { TokenMint } from '@sallyport/testing';
import {
  expectRefusal,
  PUBLIC_URL,
  startTestGateway,
  wireOrder,
  type TestGateway,
} from '../gateway.fixture';

const path = '/orders/0b0e8d0c-6a55-4c3f-8a4f-6a2f4a3f6c1d';
const now = () => Math.floor(Date.now() / 1000);

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
  gateway.transports.orders.answer('getOrder', { order: wireOrder() });
});

/** A token that shares nothing with that of another test. */
function freshToken({ iat = now() } = {}) {
  const ids = { jti: randomUUID(), sid: randomUUID(), sub: randomUUID(), client_id: randomUUID() };
  const token = gateway.mint.accessToken({ payload: { ...ids, iat, exp: iat + 900 } });
  return { ...ids, token };
}

const ask = (token: string) =>
  gateway.send({ path, headers: [['authorization', `Bearer ${token}`]] });

describe('a token that was accepted a moment ago is refused', () => {
  it.each([
    ['token', 'jti', 'token_revoked'],
    ['session', 'sid', 'session_revoked'],
    ['subject', 'sub', 'subject_revoked'],
    ['client', 'client_id', 'client_revoked'],
  ] as const)('once its %s is revoked', async (kind, claim, reason) => {
    const fresh = freshToken();
    expect(await ask(fresh.token)).toMatchObject({ status: 200 });
    gateway.reset();

    gateway.revocations.revoke(kind, fresh[claim]);
    const answer = await ask(fresh.token);
    expectRefusal(gateway, answer, { status: 401, code: 'invalid_token', reason });
    expect(answer.headers['www-authenticate']).toBe(
      'Bearer realm="sallyport", error="invalid_token", error_description="The access token is not accepted"',
    );
    expect(gateway.events.all).toMatchObject([{ type: 'authentication' }]);

    gateway.reset();
    expect(await ask(freshToken().token)).toMatchObject({ status: 200 });
    expect(gateway.events.all).toEqual([]);
  });

  it.each(['subject', 'client'] as const)(
    'once all its %s held before is, and not what comes after',
    async (kind) => {
      const [before, after] = [freshToken({ iat: now() - 10 }), freshToken()];
      const claim = kind === 'subject' ? 'sub' : 'client_id';
      for (const { [claim]: id } of [before, after]) {
        gateway.revocations.revoke(kind, id, now() - 5);
      }
      const answer = await ask(before.token);
      const reason = `${kind}_revoked`;
      expectRefusal(gateway, answer, { status: 401, code: 'invalid_token', reason });
      expect(await ask(after.token)).toMatchObject({ status: 200 });
    },
  );

  it('once the key that signed it is revoked, which the issuer still publishes', async () => {
    const other = new TokenMint({ issuer: PUBLIC_URL, audience: gateway.mint.audience });
    gateway.issuer.fetchKeys = async () => ({
      keys: [...gateway.mint.jwks.keys, ...other.jwks.keys],
    });
    await gateway.issuerKeys.keySet.refresh();
    const token = other.accessToken();
    const published = async () => (await gateway.send({ path: '/.well-known/jwks.json' })).body;
    expect(await ask(token)).toMatchObject({ status: 200 });
    expect(await published()).toContain(other.kid);
    gateway.reset();

    gateway.revocations.revoke('signing_key', other.kid);
    const reason = 'token_key_unknown';
    expectRefusal(gateway, await ask(token), { status: 401, code: 'invalid_token', reason });
    expect(JSON.parse(await published())).toEqual(gateway.mint.jwks);
    expect(await ask(freshToken().token)).toMatchObject({ status: 200 });
  });
});

describe('while it cannot be known what was revoked', () => {
  it.each([
    ['a good token', () => freshToken()],
    [
      'a revoked token',
      () => {
        const fresh = freshToken();
        gateway.revocations.revoke('token', fresh.jti);
        return fresh;
      },
    ],
  ])('%s is not judged', async (_name, make) => {
    const { token } = make();
    gateway.revocations.isCurrent = false;
    const answer = await ask(token);
    expectRefusal(gateway, answer, {
      status: 503,
      code: 'authentication_unavailable',
      reason: 'revocation_unknown',
    });
    expect(answer.headers['retry-after']).toBe('2');
    expect(answer.headers['www-authenticate']).toBeUndefined();
  });

  it('a token that is not valid in itself is refused all the same', async () => {
    gateway.revocations.isCurrent = false;
    const reason = 'token_malformed';
    expectRefusal(gateway, await ask('nonsense'), { status: 401, code: 'invalid_token', reason });
  });

  it.each([['/products'], ['/.well-known/jwks.json'], ['/openapi.json']])(
    '%s is answered to everybody',
    async (publicPath) => {
      gateway.transports.orders.answer('listProducts', { products: [] });
      gateway.revocations.isCurrent = false;
      const headers = [['authorization', `Bearer ${freshToken().token}`]] as const;
      expect(await gateway.send({ path: publicPath, headers })).toMatchObject({ status: 200 });
      expect(gateway.events.all).toEqual([]);
    },
  );

  it('and again once it can', async () => {
    const { token } = freshToken();
    gateway.revocations.isCurrent = false;
    expect(await ask(token)).toMatchObject({ status: 503 });
    gateway.revocations.isCurrent = true;
    expect(await ask(token)).toMatchObject({ status: 200 });
  });
});
