import { randomUUID } from 'node:crypto';
import type { Database } from '@sallyport/persistence';
import { CLIENT_ADDRESS, openAuthDatabase, ORIGIN } from '../auth.fixture';
import { NEW_ACCOUNT_SCOPES } from '../accounts/account';
import { parseEmailAddress } from '../accounts/email-address';
import type { AuthTables } from '../auth.tables';
import { newResetToken } from '../password-resets/reset-token';
import { newRegistrationToken, registrationTokenDigest } from './registration-token';
import type { RegistrationToken } from './registration-token';
import { registrationsOf } from './registrations.fixture';

const PASSWORD = 'correct horse battery staple';
const ANOTHER = 'another horse battery staple';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

beforeEach(async () => {
  await database.db.deleteFrom('mails').execute();
  await database.db.deleteFrom('registration_requests').execute();
});

afterAll(() => database.close());

/** Somebody who has a link. */
async function setUp() {
  const replica = await registrationsOf(database);
  const email = parseEmailAddress(`${randomUUID()}@example.com`);
  const token = (await replica.linkFor(email)) ?? '';
  replica.events.clear();
  const logIn = (password: string) => replica.login.logIn({ ...ORIGIN, email, password });
  return { ...replica, email, token, logIn };
}

type World = Awaited<ReturnType<typeof setUp>>;

describe('RegistrationConfirmationService gives one refusal', () => {
  it.each<[string, string, (world: World) => Promise<string>]>([
    ['no token', 'unknown', async () => ''],
    ['half a token', 'unknown', async ({ token }) => token.slice(1)],
    ['a made-up token', 'unknown', async () => newRegistrationToken()],
    ['a token of another kind', 'unknown', async () => newResetToken()],
    [
      'the digest that is stored',
      'unknown',
      async ({ token }) =>
        registrationTokenDigest(token as RegistrationToken).toString('base64url'),
    ],
    [
      'a token that has run out',
      'expired',
      async ({ token, clock }) => {
        clock.advance({ seconds: 60 * 60 });
        return token;
      },
    ],
    [
      'a token that was used',
      'used',
      async ({ token, confirm }) => {
        await confirm(token, PASSWORD);
        return token;
      },
    ],
    [
      'a token whose address was confirmed by another one',
      'superseded',
      async ({ token, confirm, linkFor, email }) => {
        await confirm((await linkFor(email)) ?? '', PASSWORD);
        return token;
      },
    ],
  ])('to %s', async (_name, reason, tokenOf) => {
    const world = await setUp();
    const token = await tokenOf(world);
    world.passwords.calls.length = 0;
    world.events.clear();
    await expect(world.confirm(token, ANOTHER)).rejects.toMatchObject({
      status: 'INVALID_ARGUMENT',
      reason: 'registration_confirmation_refused',
    });
    expect(world.passwords.calls).toEqual([]);
    expect(world.events.all).toEqual([
      {
        type: 'account',
        outcome: 'refused',
        reason: `registration_link_${reason}`,
        clientAddress: CLIENT_ADDRESS,
      },
    ]);
    await expect(world.logIn(ANOTHER)).rejects.toMatchObject({ reason: 'invalid_credentials' });
  });

  it('to a token whose address got an account in another way, and leaves that as it is', async () => {
    const { token, email, confirm, registration, logIn } = await setUp();
    await registration.register({ ...ORIGIN, email, password: PASSWORD });
    await expect(confirm(token, ANOTHER)).rejects.toMatchObject({
      reason: 'registration_confirmation_refused',
    });
    await expect(logIn(PASSWORD)).resolves.toBeDefined();
  });
});

describe('RegistrationConfirmationService', () => {
  it.each<[string, string, (world: World) => string]>([
    ['a short password', 'password_too_short', () => 'short'],
    ['a common password', 'password_too_common', () => 'PasswordPassword'],
    ['the e-mail address', 'password_too_personal', ({ email }) => email],
    [
      'a breached password',
      'password_breached',
      ({ breaches }) => {
        breaches.passwords.add('seen in a breach, alas');
        return 'seen in a breach, alas';
      },
    ],
  ])('leaves the link as it is for %s', async (_name, reason, passwordOf) => {
    const world = await setUp();
    await expect(world.confirm(world.token, passwordOf(world))).rejects.toMatchObject({ reason });
    await expect(world.confirm(world.token, PASSWORD)).resolves.toMatchObject({
      email: world.email,
    });
  });

  it('takes the password from whoever has the link, and never the one of whoever asked', async () => {
    const { email, linkFor, confirm, logIn } = await setUp();
    const token = (await linkFor(email, 'chosen by somebody else')) ?? '';
    await confirm(token, PASSWORD);
    await expect(logIn('chosen by somebody else')).rejects.toMatchObject({
      reason: 'invalid_credentials',
    });
    await expect(logIn(PASSWORD)).resolves.toBeDefined();
  });

  it('opens one account of many confirmations at once, by one link or by several of an address', async () => {
    const { email, token, linkFor, confirm, events, logIn } = await setUp();
    const tokens = [
      token,
      token,
      token,
      (await linkFor(email)) ?? '',
      (await linkFor(email)) ?? '',
    ];
    events.clear();

    const outcomes = await Promise.allSettled(
      tokens.map((each, index) => confirm(each, `${PASSWORD} ${index}`)),
    );

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
    await expect(logIn(`${PASSWORD} ${winner}`)).resolves.toBeDefined();
    const open = await database.db
      .selectFrom('pending_registrations')
      .select('email')
      .where('email', '=', email)
      .where('ended_at', 'is', null)
      .execute();
    expect(open).toEqual([]);
  });

  it('opens an account of the scopes that anybody may have, and leaves a trace', async () => {
    const { email, token, confirm, events } = await setUp();
    const account = await confirm(` ${token}\n`, PASSWORD);
    expect(account).toMatchObject({ email, scopes: [...NEW_ACCOUNT_SCOPES] });
    expect(events.all).toEqual([
      {
        type: 'account',
        outcome: 'succeeded',
        reason: 'account_registered',
        principal: account.id,
        clientAddress: CLIENT_ADDRESS,
      },
    ]);
  });

  it('forgets links a day after their end', async () => {
    const { email, clock, handling } = await setUp();
    clock.advance({ seconds: 60 * 60 + 24 * 60 * 60 + 1 });
    await handling.run();
    const query = database.db.selectFrom('pending_registrations').where('email', '=', email);
    expect(await query.selectAll().execute()).toEqual([]);
  });
});
