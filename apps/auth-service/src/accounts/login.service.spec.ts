import { randomUUID } from 'node:crypto';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Database } from '@sallyport/persistence';
import { CLIENT_ADDRESS, openAuthDatabase, ORIGIN } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { accountsOf, tokensOf } from './accounts.fixture';

const PASSWORD = 'correct horse battery staple';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

async function setUp({ hash = `$argon2id$current$${PASSWORD}` } = {}) {
  const world = await accountsOf(database);
  const account = await world.newAccount({ passwordHash: hash });
  const present = (email: string, password: string) =>
    tokensOf(world.login.logIn({ email, password, ...ORIGIN }));
  const sessionCount = async (): Promise<number> => {
    const sessions = database.db.selectFrom('sessions').select('id');
    return (await sessions.where('account_id', '=', account.id).execute()).length;
  };
  return { ...world, account, present, sessionCount };
}

describe('LoginService', () => {
  it('gives an unknown account and a wrong password the same answer for the same work', async () => {
    const { account, present, passwords, events, sessionCount, throttle } = await setUp();
    const answers = [];
    const target = account.id;
    for (const [email, password] of [
      [account.email, 'correct horse battery stable'],
      [account.email, ''],
      [`${randomUUID()}@example.com`, PASSWORD],
      [`${randomUUID()}@example.com`, 'unmatchable'],
    ] as const) {
      passwords.calls.length = 0;
      events.clear();
      const refusal: unknown = await present(email, password).catch((error: unknown) => error);
      answers.push({ refusal, calls: [...passwords.calls], events: events.all.slice() });
    }

    for (const [index, answer] of answers.entries()) {
      expect(answer).toEqual({
        refusal: new ServiceError('UNAUTHENTICATED', 'invalid_credentials'),
        calls: ['verify'],
        events: [
          {
            type: 'authentication',
            outcome: 'refused',
            reason: 'invalid_credentials',
            clientAddress: CLIENT_ADDRESS,
            // For the owner to see; whoever guesses gets none of it.
            ...(index < 2 && { target }),
          },
        ],
      });
    }
    expect(throttle.admitted).toHaveLength(4);
    expect(throttle.forgotten).toEqual([]);
    expect(await sessionCount()).toBe(0);
  });

  it.each([
    ['an address that is none', 'alice', PASSWORD, 'email_invalid'],
    ['a password of 1025 bytes', 'alice@example.com', 'a'.repeat(1025), 'password_too_long'],
  ])('refuses %s before anything is counted or hashed', async (_name, email, password, reason) => {
    const { present, passwords, throttle } = await setUp();
    await expect(present(email, password)).rejects.toMatchObject({
      status: 'INVALID_ARGUMENT',
      reason,
    });
    expect(throttle.admitted).toEqual([]);
    expect(passwords.calls).toEqual([]);
  });

  it.each([
    new ServiceError('RESOURCE_EXHAUSTED', 'too_many_attempts'),
    new ServiceError('UNAVAILABLE', 'dependency_unavailable'),
  ])('looks at no password when the throttle says $reason', async (refusal) => {
    const { account, present, passwords, throttle, sessionCount } = await setUp();
    throttle.refusal = refusal;
    await expect(present(account.email, PASSWORD)).rejects.toBe(refusal);
    expect(passwords.calls).toEqual([]);
    expect(await sessionCount()).toBe(0);
  });

  it('counts no attempt whose account could not be looked up', async () => {
    const { account, present, accounts, throttle, passwords, verify } = await setUp();
    const away = new Error('the database is away');
    jest.spyOn(accounts, 'findByEmail').mockRejectedValueOnce(away);
    await expect(present(account.email, PASSWORD)).rejects.toBe(away);
    expect(throttle.admitted).toEqual([]);
    expect(passwords.calls).toEqual([]);
    const { accessToken } = await present(account.email, PASSWORD);
    expect(await verify(accessToken)).toMatchObject({ sub: account.id });
    expect(throttle.admitted).toHaveLength(1);
  });

  it('opens no session when the failures before it cannot be forgotten', async () => {
    const { account, present, throttle, sessionCount } = await setUp();
    const refusal = new ServiceError('UNAVAILABLE', 'dependency_unavailable');
    throttle.forgetFailures = () => Promise.reject(refusal);
    await expect(present(account.email, PASSWORD)).rejects.toBe(refusal);
    expect(await sessionCount()).toBe(0);
  });

  it('lets in whoever knows the password, however the address is written', async () => {
    const { account, present, passwords, events, throttle, verify, sessionCount } = await setUp();
    const tokens = await present(` ${account.email.toUpperCase()} `, PASSWORD);

    expect(await verify(tokens.accessToken)).toMatchObject({ sub: account.id, amr: ['pwd'] });
    expect(passwords.calls).toEqual(['verify']);
    const attempt = { email: account.email, clientAddress: CLIENT_ADDRESS };
    expect(throttle.admitted).toEqual([{ action: 'login', ...attempt }]);
    expect(throttle.forgotten).toEqual([attempt]);
    expect(events.all).toEqual([
      {
        type: 'authentication',
        outcome: 'succeeded',
        reason: 'logged_in',
        principal: account.id,
        clientAddress: CLIENT_ADDRESS,
      },
    ]);
    expect(await sessionCount()).toBe(1);
  });

  it('hashes a password again that was hashed with earlier parameters', async () => {
    const earlier = `$argon2id$earlier$${PASSWORD}`;
    const { account, accounts, present, passwords } = await setUp({ hash: earlier });
    await expect(present(account.email, 'wrong')).rejects.toBeDefined();
    expect((await accounts.findById(account.id))?.passwordHash).toBe(earlier);

    await present(account.email, PASSWORD);
    expect((await accounts.findById(account.id))?.passwordHash).toBe(
      `$argon2id$current$${PASSWORD}`,
    );
    expect(passwords.calls).toEqual(['verify', 'verify', 'hash']);
  });

  it('does not undo a change of the password that comes in between', async () => {
    const earlier = `$argon2id$earlier$${PASSWORD}`;
    const { account, accounts } = await setUp({ hash: earlier });
    await accounts.replacePasswordHash(account, '$argon2id$current$another');
    await accounts.replacePasswordHash(account, `$argon2id$current$${PASSWORD}`);
    expect((await accounts.findById(account.id))?.passwordHash).toBe('$argon2id$current$another');
  });
});
