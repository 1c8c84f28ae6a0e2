import { expectRefusal, startTestGateway, wireOrder, type TestGateway } from '../gateway.fixture';

const path = '/orders/0b0e8d0c-6a55-4c3f-8a4f-6a2f4a3f6c1d';

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startTestGateway({ issuer: 'down' });
  gateway.transports.orders.answer('getOrder', { order: wireOrder() });
});
afterEach(() => gateway.close());

describe('while the issuer has never been reached', () => {
  it('refuses a token without judging it', async () => {
    const headers = [['authorization', `Bearer ${gateway.mint.accessToken()}`]] as const;
    const answer = await gateway.send({ path, headers });
    expectRefusal(gateway, answer, {
      status: 503,
      code: 'authentication_unavailable',
      reason: 'token_key_unavailable',
    });
    expect(answer.headers['retry-after']).toBe('2');
  });

  it('has no keys to publish', async () => {
    const answer = await gateway.send({ path: '/.well-known/jwks.json' });
    expect(answer).toMatchObject({ status: 503, headers: { 'cache-control': 'no-store' } });
  });

  it('takes the token as soon as the issuer is back', async () => {
    gateway.issuer.fetchKeys = async () => gateway.mint.jwks;
    await gateway.issuerKeys.keySet.refresh();
    const headers = [['authorization', `Bearer ${gateway.mint.accessToken()}`]] as const;
    expect(await gateway.send({ path, headers })).toMatchObject({ status: 200 });
    expect(gateway.events.all).toEqual([]);
  });
});
