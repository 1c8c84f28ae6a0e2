import { randomUUID } from 'node:crypto';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Database } from '@sallyport/persistence';
import { CLIENT_ADDRESS, openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { registrationsOf } from './registrations.fixture';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

beforeEach(async () => {
  await database.db.deleteFrom('mails').execute();
  await database.db.deleteFrom('registration_requests').execute();
});

afterAll(() => database.close());

async function setUp() {
  const replica = await registrationsOf(database);
  const account = await replica.newAccount();
  replica.events.clear();
  const request = (email: string, password = '') =>
    replica.requests.request({ email, password, clientAddress: CLIENT_ADDRESS });
  return { ...replica, account, request, stranger: `${randomUUID()}@example.com` };
}

const rowsOf = (table: 'mails' | 'pending_registrations' | 'registration_requests') =>
  database.db.selectFrom(table).selectAll().execute();

describe('a request for an account', () => {
  it.each([
    ['email_invalid', 'nobody', ''],
    ['email_invalid', 'a@example.com\r\nBcc: b@example.com', ''],
    ['password_too_short', 'a@example.com', 'short'],
    ['password_too_common', 'a@example.com', 'PasswordPassword'],
  ])('is refused as %s, and not counted, for %j', async (reason, email, password) => {
    const { request, throttle } = await setUp();
    await expect(request(email, password)).rejects.toMatchObject({ reason });
    expect(throttle.admitted).toEqual([]);
    expect(await rowsOf('registration_requests')).toEqual([]);
  });

  it('is not written down when there were too many', async () => {
    const { request, throttle, stranger } = await setUp();
    throttle.refusal = new ServiceError('RESOURCE_EXHAUSTED', 'too_many_attempts');
    await expect(request(stranger)).rejects.toBe(throttle.refusal);
    expect(await rowsOf('registration_requests')).toEqual([]);
  });

  it('is counted and written down alike for a known and an unknown address, and nothing is looked up or hashed', async () => {
    const { request, throttle, account, events, passwords, stranger } = await setUp();
    const emails = [account.email, stranger];
    for (const email of emails) {
      await expect(request(email, 'correct horse battery staple')).resolves.toBeUndefined();
    }
    expect(throttle.admitted).toEqual(
      emails.map((email) => ({ action: 'registration', email, clientAddress: CLIENT_ADDRESS })),
    );
    expect(passwords.calls).toEqual([]);
    expect(events.all).toEqual([]);
    expect(await rowsOf('registration_requests')).toMatchObject(emails.map((email) => ({ email })));
    expect(await rowsOf('mails')).toEqual([]);
  });

  it('leaves a locked account in the trail, and sends nothing', async () => {
    const { linkFor, control, account, events, mails } = await setUp();
    await control.lock(account.id, undefined);
    events.clear();
    expect(await linkFor(account.email)).toBeUndefined();
    expect(mails.sent).toEqual([]);
    expect(events.all).toMatchObject([{ outcome: 'refused', reason: 'account_locked' }]);
  });

  it('for an address with an account tells its owner, and gives no link', async () => {
    const { linkFor, account, events, mails } = await setUp();
    expect(await linkFor(account.email)).toBeUndefined();
    expect(mails.sent).toMatchObject([
      { to: account.email, subject: 'You have an account already' },
    ]);
    expect(events.all).toMatchObject([
      { outcome: 'refused', reason: 'registration_known_account', principal: account.id },
    ]);
    expect(JSON.stringify(events.all)).not.toContain(account.email);
  });

  it('for another address sends a link, of which the database keeps a digest', async () => {
    const { linkFor, accounts, mails, events, stranger } = await setUp();
    const token = await linkFor(stranger);
    expect(token).toBeDefined();
    expect(mails.sent).toMatchObject([{ to: stranger, subject: 'Open your account' }]);
    expect(events.all).toMatchObject([{ reason: 'registration_requested' }]);
    expect(JSON.stringify(events.all)).not.toContain(stranger);
    expect(await accounts.findByEmail(stranger as never)).toBeUndefined();
    const kept = await rowsOf('pending_registrations');
    expect(JSON.stringify(kept)).not.toContain(token);
    expect(Object.keys(kept[0] ?? {})).not.toContain('password_hash');
  });

  it('keeps the token sealed until the mail is sent, and is handled once by many replicas', async () => {
    const { request, handling, stranger } = await setUp();
    const others = await Promise.all([registrationsOf(database), registrationsOf(database)]);
    for (let count = 0; count < 6; count += 1) await request(stranger);
    await Promise.all([handling.run(), ...others.map((other) => other.handling.run())]);
    const mails = await rowsOf('mails');
    expect(mails).toHaveLength(6);
    for (const mail of mails) {
      expect(mail).toMatchObject({ account_id: null, address: stranger, kind: 'registration' });
    }
    expect(await rowsOf('registration_requests')).toEqual([]);
  });
});
