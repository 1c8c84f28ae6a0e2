import { MFA_ACR } from '@sallyport/principal';
import { startTestGateway, statusAndCode, type TestGateway } from '../gateway.fixture';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
});

const RECENT = 'acr_values="urn:sallyport:acr:password", max_age="300"';
const STRONG = 'acr_values="urn:sallyport:acr:mfa", max_age="300"';

const ID = 'a5f2f4c0-0001-4000-8000-000000000001';

/** What takes a recent authentication, and what takes a strong one besides. */
const ROUTES: readonly (readonly [method: string, path: string, challenge: string])[] = [
  ['POST', '/auth/password', RECENT],
  ['POST', '/auth/mfa/totp', RECENT],
  ['POST', '/auth/mfa/totp/confirm', RECENT],
  ['DELETE', '/auth/mfa/totp', RECENT],
  ['POST', '/auth/mfa/recovery-codes', RECENT],
  ['POST', '/auth/passkeys/options', RECENT],
  ['POST', '/auth/passkeys', RECENT],
  ['PATCH', `/auth/passkeys/${ID}`, RECENT],
  ['DELETE', `/auth/passkeys/${ID}`, RECENT],
  ['DELETE', `/auth/sessions/${ID}`, RECENT],
  ['DELETE', '/auth/sessions', RECENT],
  ['POST', '/auth/logout-all', RECENT],
  ['POST', '/api-keys', RECENT],
  ['POST', `/api-keys/${ID}/rotate`, RECENT],
  ['POST', `/invoices/${ID}/refund`, STRONG],
  ['POST', '/admin/accounts/lock', STRONG],
  ['POST', '/admin/accounts/unlock', STRONG],
  ['POST', '/admin/accounts/end-sessions', STRONG],
  ['POST', '/admin/accounts/revoke-api-keys', STRONG],
  ['POST', '/admin/accounts/delete', STRONG],
  ['POST', '/admin/keys/prepare', STRONG],
  ['POST', '/admin/keys/activate', STRONG],
  ['POST', '/admin/keys/retire', STRONG],
  ['POST', '/admin/keys/taint', STRONG],
  ['POST', '/admin/oauth-clients', STRONG],
  ['POST', '/admin/oauth-clients/shop/rotate-secret', STRONG],
  ['POST', '/admin/oauth-clients/shop/replace-keys', STRONG],
  ['POST', '/admin/oauth-clients/shop/disable', STRONG],
  ['POST', '/admin/oauth-clients/shop/enable', STRONG],
];

const SCOPES = 'billing:refund api-keys:manage accounts:manage keys:manage clients:manage';

const ask = (method: string, path: string, payload: Readonly<Record<string, unknown>>) => {
  const token = gateway.mint.accessToken({ payload: { scope: SCOPES, acr: MFA_ACR, ...payload } });
  return gateway.send({ method, path, headers: [['authorization', `Bearer ${token}`]] });
};

describe.each(ROUTES)('%s %s', (method, path, challenge) => {
  const secondsAgo = (seconds: number) => Math.floor(Date.now() / 1000) - seconds;
  const tooWeak = challenge === STRONG ? 'urn:sallyport:acr:password' : 'urn:sallyport:acr:guess';

  it.each<[string, () => Readonly<Record<string, unknown>>]>([
    ['an authentication of more than five minutes ago', () => ({ auth_time: secondsAgo(310) })],
    ['one that says of no time', () => ({ auth_time: undefined })],
    ['one that is too weak', () => ({ acr: tooWeak })],
    ['one that says of no class', () => ({ acr: undefined })],
  ])('asks for another one after %s', async (_name, payload) => {
    const answer = await ask(method, path, payload());
    expect(statusAndCode(answer)).toEqual([401, 'insufficient_user_authentication']);
    expect(answer.headers['www-authenticate']).toMatch(
      /^Bearer realm="sallyport", error="insufficient_user_authentication", error_description="/,
    );
    expect(String(answer.headers['www-authenticate'])).toContain(challenge);
    expect(gateway.events.refusals).toEqual(['insufficient_user_authentication']);
    expect(gateway.upstreamCalls()).toEqual([]);
  });

  it('asks nobody where there is nobody to ask', async () => {
    const answer = await ask(method, path, { sub: 'robot', client_id: 'robot', sid: undefined });
    const [status, code] = statusAndCode(answer);
    expect(status).toBe(403);
    expect(['session_required', 'user_not_present']).toContain(code);
    expect(answer.headers['www-authenticate']).toBeUndefined();
    expect(gateway.upstreamCalls()).toEqual([]);
  });

  it('goes on after one that will do', async () => {
    const answer = await ask(method, path, { auth_time: secondsAgo(290) });
    expect([401, 403]).not.toContain(answer.status);
  });
});
