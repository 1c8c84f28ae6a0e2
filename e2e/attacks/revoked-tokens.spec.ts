import { randomUUID } from 'node:crypto';
import { compactJws, partsOf, rs256 } from '../src/compact-jws';
import { logIn, refresh, refreshTokenOf, renew, signedIn, signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { Evidence } from '../src/evidence';
import { issuerKey } from '../src/issuer-key';
import { EVIDENCE, needs } from '../src/needs';
import { newOperator } from '../src/operators';
import { PublicClient } from '../src/public-client';
import type { PublicRequest } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { expectPassed, expectRefused } from '../src/refusal.expectations';
import { revoke } from '../src/revoke';
import { refusalWithin, STATED_BOUND_MS } from '../src/time-to-refusal';

needs(...EVIDENCE, 'databases', 'key-encryption-key');

const LIST_ORDERS = ['GET /orders', 'sallyport.orders.v1.OrdersService/ListOrders'];

/** Two sessions of one customer; what is done is done to the first of them. */
interface Sessions {
  readonly first: Customer;
  readonly second: Customer;
}

/** Something after which a token is worth nothing. */
interface Ending {
  readonly ending: string;
  readonly end: (sessions: Sessions) => Promise<PublicResponse>;
  /** How that is answered. */
  readonly answered: number;
  /** Why the token of the first session is refused from then on. */
  readonly first: string;
  /** The same for that of the second; it goes on working unless given. */
  readonly second?: string;
  /** How a sign-in with the password of before is answered afterwards. */
  readonly signIn: 200 | 401;
}

const client = new PublicClient();
const evidence = new Evidence();
let bystander: Customer;
let operator: Customer;
beforeAll(async () => {
  [bystander, operator] = await Promise.all([signUp(client), newOperator(client)]);
});

const as = ({ accessToken }: Customer, request: PublicRequest): Promise<PublicResponse> =>
  client.send({ ...request, accessToken });
const withCookie = ({ cookie }: Customer, path: string): Promise<PublicResponse> =>
  client.send({ method: 'POST', path, headers: [['Cookie', cookie]] });
const listOrders = (customer: Customer): Promise<PublicResponse> =>
  as(customer, { path: '/orders' });
const byOperator =
  (action: string) =>
  ({ first }: Sessions): Promise<PublicResponse> =>
    as(operator, {
      method: 'POST',
      path: `/admin/accounts/${action}`,
      json: { account: first.email },
    });

const ENDINGS: readonly Ending[] = [
  {
    ending: 'the session signed out',
    end: ({ first }) => withCookie(first, '/auth/logout'),
    answered: 204,
    first: 'session_revoked',
    signIn: 200,
  },
  {
    ending: 'another session ended this one',
    end: ({ first, second }) =>
      as(second, { method: 'DELETE', path: `/auth/sessions/${first.sessionId}` }),
    answered: 204,
    first: 'session_revoked',
    signIn: 200,
  },
  {
    ending: 'another session ended all others',
    end: ({ second }) => as(second, { method: 'DELETE', path: '/auth/sessions' }),
    answered: 200,
    first: 'session_revoked',
    signIn: 200,
  },
  {
    ending: 'all sessions were ended',
    end: ({ second }) => as(second, { method: 'POST', path: '/auth/logout-all' }),
    answered: 200,
    first: 'session_revoked',
    second: 'session_revoked',
    signIn: 200,
  },
  {
    ending: 'the password was changed in another session',
    end: ({ second }) => changePassword(second),
    answered: 200,
    first: 'session_revoked',
    second: 'session_revoked',
    signIn: 401,
  },
  {
    ending: 'a refresh token of the session was used twice',
    end: async ({ first }) => {
      await renew(client, first);
      return refresh(client, first);
    },
    answered: 401,
    first: 'session_revoked',
    signIn: 200,
  },
  {
    ending: 'it was revoked itself',
    end: ({ first }) => revoke(client, first.accessToken),
    answered: 200,
    first: 'token_revoked',
    signIn: 200,
  },
  {
    ending: 'the refresh token beside it was revoked',
    end: ({ first }) => revoke(client, refreshTokenOf(first)),
    answered: 200,
    first: 'session_revoked',
    signIn: 200,
  },
  {
    ending: 'an operator locked the account',
    end: byOperator('lock'),
    answered: 200,
    first: 'session_revoked',
    second: 'session_revoked',
    signIn: 401,
  },
  {
    ending: 'an operator ended the sessions of the account',
    end: byOperator('end-sessions'),
    answered: 200,
    first: 'session_revoked',
    second: 'session_revoked',
    signIn: 200,
  },
  {
    ending: 'an operator deleted the account',
    end: byOperator('delete'),
    answered: 200,
    first: 'session_revoked',
    second: 'session_revoked',
    signIn: 401,
  },
];

/** Refused within the stated bound, and for this reason. */
async function expectRevoked(customer: Customer, reason: string, since: number): Promise<void> {
  const { response } = await refusalWithin(STATED_BOUND_MS, () => listOrders(customer), since);
  await expectRefused(response, { evidence, status: 401, code: 'invalid_token', reason });
}

async function expectWorks(customer: Customer): Promise<void> {
  await expectPassed(await listOrders(customer), { evidence, handled: LIST_ORDERS });
}

function changePassword(customer: Customer): Promise<PublicResponse> {
  const { password: currentPassword } = customer;
  const json = { currentPassword, newPassword: `${currentPassword}, changed` };
  return as(customer, { method: 'POST', path: '/auth/password', json });
}

describe('an access token that worked (R9)', () => {
  let sessions: Sessions;
  beforeEach(async () => {
    const first = await signUp(client);
    sessions = { first, second: await logIn(client, first) };
    for (const each of [first, sessions.second]) {
      expect((await listOrders(each)).status).toBe(200);
    }
  });

  it.each(ENDINGS)('is refused once $ending', async ({ end, answered, first, second, signIn }) => {
    const answer = await end(sessions);
    const since = performance.now();
    expect(answer.status).toBe(answered);

    await expectRevoked(sessions.first, first, since);
    if (second === undefined) await expectWorks(sessions.second);
    else await expectRevoked(sessions.second, second, since);
    await expectWorks(bystander);

    const { email, password } = sessions.first;
    const signedInAgain = await client.send({
      method: 'POST',
      path: '/auth/login',
      json: { email, password },
    });
    expect(signedInAgain.status).toBe(signIn);
    if (signIn === 200) await expectWorks(signedIn(signedInAgain, sessions.first));
    const refreshed = await refresh(client, sessions.first);
    expect(refreshed.status).toBe(first === 'token_revoked' ? 200 : 401);
  });

  it('is refused together with the newest one of a session whose refresh token was used twice', async () => {
    const newest = await renew(client, sessions.first);
    await expectWorks(newest);

    const replay = await refresh(client, sessions.first);
    const since = performance.now();

    expect(replay.status).toBe(401);
    await expectRevoked(newest, 'session_revoked', since);
  });

  it('is the only one that is refused when it was revoked itself', async () => {
    const { first } = sessions;
    const newest = await renew(client, first);

    await revoke(client, first.accessToken);
    const since = performance.now();

    await expectRevoked(first, 'token_revoked', since);
    await expectWorks(newest);
    await expectWorks(await renew(client, newest));
  });

  it('is replaced by the one that a password change answers with', async () => {
    const { second } = sessions;
    const changed = signedIn(await changePassword(second), second);
    const since = performance.now();

    expect(changed.sessionId).not.toBe(second.sessionId);
    await expectWorks(changed);
    await expectRevoked(second, 'session_revoked', since);
    await expectWorks(await renew(client, changed));
    const password = `${second.password}, changed`;
    await expectWorks(await logIn(client, { ...second, password }));
  });

  it.each(['lock', 'end-sessions', 'delete'])(
    'is refused after %s even if nobody knows of its session any more',
    async (action) => {
      const { header, payload } = partsOf(sessions.first.accessToken);
      const { privateKey } = await issuerKey();
      const claims = { ...payload, sid: randomUUID(), jti: randomUUID() };
      const accessToken = compactJws(header, claims, rs256(privateKey));
      const forgotten = { ...sessions.first, accessToken };
      await expectWorks(forgotten);

      await byOperator(action)(sessions);
      const since = performance.now();

      await expectRevoked(forgotten, 'subject_revoked', since);
    },
  );

  it('is not given back with the account when that is unlocked', async () => {
    await byOperator('lock')(sessions);
    const since = performance.now();
    await expectRevoked(sessions.first, 'session_revoked', since);
    await byOperator('unlock')(sessions);

    await expectWorks(await logIn(client, sessions.first));
    await expectRevoked(sessions.first, 'session_revoked', since);
    expect((await refresh(client, sessions.first)).status).toBe(401);
  });

  it('works for as long as nothing of this has happened', async () => {
    await expectWorks(sessions.first);
    await expectWorks(sessions.second);
  });
});
