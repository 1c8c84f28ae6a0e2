import { randomUUID } from 'node:crypto';
import type { Database } from '@sallyport/persistence';
import { openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { parsePresentedPassword } from '../passwords/password';
import { accountsOf } from './accounts.fixture';
import { parseEmailAddress } from './email-address';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

const listed = (password: string, scopes: readonly string[]) => ({
  email: parseEmailAddress(`${randomUUID()}@example.com`),
  password: parsePresentedPassword(password),
  scopes,
});

describe('AccountSeeding', () => {
  it('leaves an account that exists as it is, without hashing', async () => {
    const { seeding, accounts, passwords } = await accountsOf(database);
    const alice = listed('the first password of alice', ['orders:read']);
    await seeding.seed([alice]);
    const before = await accounts.findByEmail(alice.email);
    passwords.calls.length = 0;

    const changed = { ...alice, password: parsePresentedPassword('another password'), scopes: [] };
    await seeding.seed([changed]);

    expect(await accounts.findByEmail(alice.email)).toEqual(before);
    expect(passwords.calls).toEqual([]);
  });

  it('lets two replicas seed at once', async () => {
    const replicas = [await accountsOf(database), await accountsOf(database)];
    const alice = listed('the first password of alice', ['orders:read']);
    await Promise.all(replicas.map(({ seeding }) => seeding.seed([alice])));
    expect(await replicas[0]?.accounts.findByEmail(alice.email)).toBeDefined();
  });

  it('creates the accounts that do not exist, with the scopes listed', async () => {
    const { seeding, accounts, clock } = await accountsOf(database);
    const operator = listed('the password of an operator', ['keys:manage', 'audit:read']);
    await seeding.seed([operator]);
    expect(await accounts.findByEmail(operator.email)).toMatchObject({
      email: operator.email,
      passwordHash: '$argon2id$current$the password of an operator',
      scopes: ['keys:manage', 'audit:read'],
      createdAt: clock.now(),
    });
  });
});
