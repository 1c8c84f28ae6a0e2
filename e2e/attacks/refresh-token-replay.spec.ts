import { randomBytes } from 'node:crypto';
import { refreshCookieOf, signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { Evidence } from '../src/evidence';
import { EVIDENCE, needs } from '../src/needs';
import { PublicClient } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { expectPassed, expectProblem, expectRefused } from '../src/refusal.expectations';

needs(...EVIDENCE);

const COOKIE = '__Secure-sallyport-refresh';
const REFRESH = ['POST /auth/refresh', 'sallyport.auth.v1.AuthService/Refresh'];
const REFUSAL = { status: 401, code: 'invalid_grant', handled: REFRESH };

describe('replayed refresh tokens (R11)', () => {
  const client = new PublicClient();
  const evidence = new Evidence();
  let customer: Customer;

  beforeEach(async () => {
    customer = await signUp(client);
  });

  const post = (path: string, cookie?: string): Promise<PublicResponse> =>
    client.send({
      method: 'POST',
      path,
      headers: cookie === undefined ? [] : [['Cookie', cookie]],
    });
  const refresh = (cookie?: string): Promise<PublicResponse> => post('/auth/refresh', cookie);

  const successorOf = async (cookie: string): Promise<string> => {
    const answer = await refresh(cookie);
    expect(answer.status).toBe(200);
    return String(refreshCookieOf(answer));
  };

  it('end the session they were taken from, the newest token included', async () => {
    const successor = await successorOf(customer.cookie);

    const replay = await refresh(customer.cookie);
    const afterwards = await refresh(successor);

    await expectRefused(replay, { evidence, ...REFUSAL, reason: 'refresh_token_replayed' });
    await expectRefused(afterwards, { evidence, ...REFUSAL, reason: 'refresh_token_refused' });
  });

  it('end the session however long ago they were exchanged', async () => {
    const newest = await successorOf(await successorOf(await successorOf(customer.cookie)));

    const replay = await refresh(customer.cookie);

    await expectRefused(replay, { evidence, ...REFUSAL, reason: 'refresh_token_replayed' });
    expect((await refresh(newest)).status).toBe(401);
  });

  it('end no session but their own', async () => {
    const { email, password } = customer;
    const other = await client.send({
      method: 'POST',
      path: '/auth/login',
      json: { email, password },
    });
    await successorOf(customer.cookie);

    await refresh(customer.cookie);

    expect((await refresh(refreshCookieOf(other))).status).toBe(200);
  });

  it('never give two live successors when they are used at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(customer.cookie)));

    const winners = answers.filter(({ status }) => status === 200);
    const losers = answers.filter(({ status }) => status !== 200);
    expect(winners).toHaveLength(1);
    for (const loser of losers) expectProblem(loser, { status: 401, code: 'invalid_grant' });

    // Somebody else may have been the one who was faster: what the winner got is worth nothing either.
    const successors = await Promise.all(winners.map((each) => refresh(refreshCookieOf(each))));
    expect(successors.map(({ status }) => status)).toEqual([401]);

    const traces = await Promise.all(losers.map((each) => evidence.of(each)));
    const reasons = traces.flatMap(({ securityEvents }) => securityEvents.map((e) => e.reason));
    expect(reasons).toHaveLength(losers.length);
    expect(reasons.filter((reason) => reason === 'refresh_token_replayed')).toHaveLength(1);
  });

  it('are worth nothing after the session was signed out', async () => {
    const signedOut = await post('/auth/logout', customer.cookie);
    expect(signedOut.status).toBe(204);

    const answer = await refresh(customer.cookie);

    await expectRefused(answer, { evidence, ...REFUSAL, reason: 'refresh_token_refused' });
  });

  it.each<readonly [what: string, token: () => string]>([
    ['nobody was given', () => randomBytes(32).toString('base64url')],
    ['is too short', () => randomBytes(8).toString('base64url')],
    ['is too long', () => randomBytes(128).toString('base64url')],
    [
      'differs in one letter',
      () => {
        const token = customer.cookie.slice(COOKIE.length + 1);
        return `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`;
      },
    ],
  ])('are not confused with a token that %s', async (_, token) => {
    const answer = await refresh(`${COOKIE}=${token()}`);

    await expectRefused(answer, { evidence, ...REFUSAL, reason: 'refresh_token_refused' });
    expect((await refresh(customer.cookie)).status).toBe(200);
  });

  it('are not taken from an access token', async () => {
    const answer = await refresh(`${COOKIE}=${customer.accessToken}`);

    await expectRefused(answer, { evidence, status: 400, code: 'credential_misplaced' });
  });

  it('are not taken two at a time', async () => {
    const answer = await refresh(`${COOKIE}=planted; ${customer.cookie}`);

    await expectRefused(answer, { evidence, status: 400, code: 'multiple_credentials' });
  });

  it('are no access tokens', async () => {
    const answer = await client.send({
      path: '/orders',
      accessToken: customer.cookie.slice(COOKIE.length + 1),
    });

    const reason = 'token_malformed';
    await expectRefused(answer, { evidence, status: 401, code: 'invalid_token', reason });
  });

  it('are another thing than tokens used once each, in order', async () => {
    const first = await refresh(customer.cookie);
    const second = await refresh(refreshCookieOf(first));

    await expectPassed(first, { evidence, handled: REFRESH });
    await expectPassed(second, { evidence, handled: REFRESH });
    const { access_token: accessToken } = second.json as { readonly access_token: string };
    expect((await client.send({ path: '/orders', accessToken })).status).toBe(200);
  });
});
