import { randomBytes } from 'node:crypto';
import { createLogger } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import { openAuthDatabase, ORIGIN } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { Argon2PasswordHashing } from '../passwords/argon2.password-hashing';
import { HASHING_CAPACITY } from '../passwords/argon2-parameters';
import { BoundedWork } from '../passwords/bounded-work';
import { parsePresentedPassword } from '../passwords/password';
import { PepperedPasswordHashing } from '../passwords/peppered.password-hashing';
import { KeyRing } from '../signing-keys/key-ring';
import { accountsOf } from './accounts.fixture';
import { LoginService } from './login.service';

const PASSWORD = 'correct horse battery staple';
const [first, second] = [randomBytes(32), randomBytes(32)];

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

function hashingWith(...peppers: readonly Buffer[]): PepperedPasswordHashing {
  const slow = new Argon2PasswordHashing(new BoundedWork(HASHING_CAPACITY));
  const logger = createLogger({ service: 'auth-service', level: 'silent' });
  return new PepperedPasswordHashing(slow, peppers[0] && new KeyRing(peppers), logger);
}

it('gives a stored hash the pepper of today when its owner logs in, and never at a wrong password', async () => {
  const replica = await accountsOf(database);
  const { accounts, sessions, requirement, throttle, events, newAccount } = replica;
  const { devices, lockNotices } = replica;
  const passwordHash = await hashingWith().hash(parsePresentedPassword(PASSWORD));
  const { email } = await newAccount({ passwordHash });
  const logIn = (hashing: PepperedPasswordHashing, password = PASSWORD) =>
    new LoginService(
      accounts,
      sessions,
      requirement,
      devices,
      lockNotices,
      throttle,
      hashing,
      events,
    ).logIn({
      ...ORIGIN,
      email,
      password,
    });
  const stored = async () => (await accounts.findByEmail(email))?.passwordHash ?? '';

  await expect(logIn(hashingWith(first), 'a wrong password')).rejects.toThrow();
  expect(await stored()).toBe(passwordHash);

  for (const peppers of [[first], [second, first]]) {
    await expect(logIn(hashingWith(...peppers))).resolves.toBeDefined();
    const { id } = new KeyRing(peppers).first;
    expect(await stored()).toMatch(new RegExp(`^hmac-sha256:${id}\\$argon2id\\$`));
  }

  const before = await stored();
  await expect(logIn(hashingWith(second))).resolves.toBeDefined();
  expect(await stored()).toBe(before);
  await expect(logIn(hashingWith())).rejects.toMatchObject({ reason: 'invalid_credentials' });
});
