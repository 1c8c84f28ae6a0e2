import { randomUUID } from 'node:crypto';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Database } from '@sallyport/persistence';
import { CLIENT_ADDRESS, openAuthDatabase, ORIGIN } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { accountsOf } from './accounts.fixture';
import { parseEmailAddress } from './email-address';

const PASSWORD = 'correct horse battery staple';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

async function setUp() {
  const world = await accountsOf(database);
  const email = parseEmailAddress(`${randomUUID()}@example.com`);
  const register = (presentedEmail: string, password = PASSWORD) =>
    world.registration.register({
      email: presentedEmail,
      password,
      ...ORIGIN,
    });
  return { ...world, email, register };
}

describe('RegistrationService', () => {
  it.each([
    ['an address that is none', 'alice', PASSWORD, 'email_invalid'],
    ['a short password', 'alice@example.com', 'short', 'password_too_short'],
    ['a common password', 'alice@example.com', 'PasswordPassword', 'password_too_common'],
    ['the address again', 'alice@example.com', 'alice@example.com', 'password_too_personal'],
    ['a password of 1025 bytes', 'alice@example.com', 'a'.repeat(1025), 'password_too_long'],
  ])('refuses %s before anything is counted or hashed', async (_name, email, password, reason) => {
    const { register, passwords, throttle, events } = await setUp();
    await expect(register(email, password)).rejects.toMatchObject({
      status: 'INVALID_ARGUMENT',
      reason,
    });
    expect(throttle.admitted).toEqual([]);
    expect(passwords.calls).toEqual([]);
    expect(events.all).toEqual([]);
  });

  it.each([
    new ServiceError('RESOURCE_EXHAUSTED', 'too_many_attempts'),
    new ServiceError('UNAVAILABLE', 'dependency_unavailable'),
  ])('creates nothing when the throttle says $reason', async (refusal) => {
    const { register, email, accounts, passwords, throttle } = await setUp();
    throttle.refusal = refusal;
    await expect(register(email)).rejects.toBe(refusal);
    expect(passwords.calls).toEqual([]);
    expect(await accounts.findByEmail(email)).toBeUndefined();
  });

  it.each([
    ['the same spelling', (email: string) => email],
    ['another case', (email: string) => email.toUpperCase()],
    ['white space around it', (email: string) => ` ${email}\n`],
  ])('refuses an address that has an account, in %s, after the same work', async (_name, spell) => {
    const { register, email, accounts, passwords, events } = await setUp();
    await register(email);
    const before = await accounts.findByEmail(email);
    passwords.calls.length = 0;
    events.clear();

    await expect(register(spell(email), 'another battery staple')).rejects.toEqual(
      new ServiceError('ALREADY_EXISTS', 'registration_refused'),
    );

    expect(passwords.calls).toEqual(['hash']);
    expect(events.all).toEqual([
      {
        type: 'account',
        outcome: 'refused',
        reason: 'registration_refused',
        clientAddress: CLIENT_ADDRESS,
      },
    ]);
    expect(await accounts.findByEmail(email)).toEqual(before);
  });

  it('lets exactly one of many have an address that they register at once', async () => {
    const { register, email } = await setUp();
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => register(email)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') {
        expect(outcome.reason).toMatchObject({ reason: 'registration_refused' });
      }
    }
  });

  it('creates an account with what it may do, and opens its first session', async () => {
    const { register, email, accounts, passwords, throttle, events, verify, clock } = await setUp();
    const tokens = await register(` ${email.toUpperCase()}`);

    const account = await accounts.findByEmail(email);
    expect(account).toEqual({
      id: expect.any(String) as string,
      email,
      passwordHash: `$argon2id$current$${PASSWORD}`,
      scopes: ['orders:read', 'orders:write', 'billing:read', 'billing:refund', 'api-keys:manage'],
      passwordVersion: 1,
      lockedAt: undefined,
      createdAt: clock.now(),
    });
    expect(await verify(tokens.accessToken)).toMatchObject({
      sub: account?.id,
      scopes: new Set(account?.scopes),
    });
    expect(passwords.calls).toEqual(['hash']);
    expect(throttle.admitted).toEqual([
      { action: 'registration', email, clientAddress: CLIENT_ADDRESS },
    ]);
    expect(events.all).toEqual([
      {
        type: 'account',
        outcome: 'succeeded',
        reason: 'account_registered',
        principal: account?.id,
        clientAddress: CLIENT_ADDRESS,
      },
    ]);
  });
});
