import { randomBytes, randomUUID } from 'node:crypto';
import type { Database } from '@sallyport/persistence';
import { accountsOf } from '../accounts/accounts.fixture';
import {
  CLIENT_ADDRESS,
  KEY_ENCRYPTION_KEY,
  openAuthDatabase,
  openSession,
  ORIGIN,
} from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { linkTokenDigest, newLinkToken } from '../mail/link-token';
import type { LinkToken } from '../mail/link-token';
import { MailOutbox } from '../mail/mail-outbox';
import { mfaOf, newEnrolled, newOwner, PASSWORD } from '../mfa/mfa.fixture';
import type { Owner } from '../mfa/mfa.fixture';
import { SecondFactors } from '../mfa/second-factors';
import type { Passkey } from '../passkeys/passkey';
import { FileKeyEncryption } from '../signing-keys/file.key-encryption';
import { AccountSecuring } from './account-securing';
import { CompromisedAccounts } from './compromised-accounts.service';
import { NOT_ME_LIFETIME_SECONDS, NotMeLinksRepository } from './not-me-links.repository';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

beforeEach(() => database.db.deleteFrom('mails').execute());

afterAll(() => database.close());

/** Of whatever key. */
const newPasskey = (accountId: string, createdAt: Date): Passkey => ({
  ...{ id: randomUUID(), accountId, credentialId: randomBytes(16), publicKey: Buffer.of(1) },
  ...{ signCount: 0, transports: [], aaguid: randomUUID(), backupEligible: true, backedUp: true },
  ...{ name: 'key', createdAt, lastUsedAt: undefined, suspectedCloneAt: undefined },
  needsPassword: false,
});

/** A replica that secures accounts, and somebody with a session and a link of a notice. */
async function setUp(newcomer = newOwner) {
  const replica = await mfaOf(database);
  const { accounts, ends, resets, passwords, revocations, events, clock, factors } = replica;
  const links = new NotMeLinksRepository(database);
  const outbox = new MailOutbox(database, new FileKeyEncryption(KEY_ENCRYPTION_KEY));
  const securing = new AccountSecuring(
    accounts,
    ends,
    resets,
    links,
    outbox,
    new SecondFactors([factors]),
    passwords,
  );
  const compromised = new CompromisedAccounts(
    securing,
    links,
    accounts,
    revocations,
    database,
    clock.now,
    events,
  );
  const owner: Owner = await newcomer(replica);
  const token = newLinkToken();
  const told = { accountId: owner.account.id, now: clock.now() };
  const open = (linkToken: LinkToken, hadSecondFactor: boolean) =>
    links.open(database.db, linkToken, { ...told, hadSecondFactor });
  await open(token, false);
  events.clear();
  const press = (presented: string) => compromised.reportByLink(presented, CLIENT_ADDRESS);
  const mails = () => database.db.selectFrom('mails').select('kind').execute();
  return { ...replica, compromised, links, owner, token, open, press, mails };
}

type World = Awaited<ReturnType<typeof setUp>>;

describe('CompromisedAccounts gives one refusal', () => {
  it.each<[string, string, (world: World) => Promise<string>]>([
    ['no token', 'not_me_link_unknown', async () => ''],
    ['a made-up token', 'not_me_link_unknown', async () => newLinkToken()],
    [
      'the digest that is stored',
      'not_me_link_unknown',
      async ({ token }) => linkTokenDigest(token).toString('base64url'),
    ],
    [
      'a token that has run out',
      'not_me_link_expired',
      async ({ token, clock }) => {
        clock.advance({ seconds: NOT_ME_LIFETIME_SECONDS });
        return token;
      },
    ],
    [
      'a token that was used',
      'not_me_link_used',
      async ({ token, press }) => {
        await press(token);
        return token;
      },
    ],
    [
      'another token of an account that was secured',
      'not_me_link_superseded',
      async ({ token, press, open }) => {
        const other = newLinkToken();
        await open(other, false);
        await press(token);
        return other;
      },
    ],
  ])('to %s', async (_name, reason, tokenOf) => {
    const world = await setUp();
    const token = await tokenOf(world);
    const version = (await world.accounts.findById(world.owner.account.id))?.passwordVersion;
    world.events.clear();
    world.feed.published.length = 0;
    await expect(world.press(token)).rejects.toMatchObject({
      ...{ status: 'INVALID_ARGUMENT', reason: 'not_me_refused' },
    });
    expect(world.events.all).toMatchObject([{ type: 'account', outcome: 'refused', reason }]);
    expect(world.feed.published).toEqual([]);
    const after = await world.accounts.findById(world.owner.account.id);
    expect(after?.passwordVersion).toBe(version);
  });

  it('to a session that has ended, and changes nothing', async () => {
    const { compromised, owner, mails, events } = await setUp();
    const { id } = owner.account;
    const about = { session: 'another', clientAddress: CLIENT_ADDRESS };
    await expect(compromised.reportInSession(id, () => false, about)).rejects.toMatchObject({
      reason: 'session_ended',
    });
    expect(await mails()).toEqual([]);
    expect(events.all).toEqual([]);
  });

  it('to owners while the feed is gone, but not to operators', async () => {
    const { compromised, press, token, owner, feed } = await setUp();
    feed.isPublishing = false;
    await expect(press(token)).rejects.toMatchObject({ reason: 'dependency_unavailable' });
    const { id, email } = owner.account;
    await expect(
      compromised.reportInSession(id, () => true, { clientAddress: CLIENT_ADDRESS }),
    ).rejects.toMatchObject({ reason: 'dependency_unavailable' });
    await expect(compromised.reportByOperator(email, undefined)).resolves.toEqual({
      ...{ id, endedSessions: 1 },
    });
  });
});

describe('CompromisedAccounts', () => {
  it('ends what the account has given out, and sends its owner one link', async () => {
    const world = await setUp();
    const { owner, press, token, sessions, events, feed, mails, login, accounts } = world;
    const tokens = await openSession(world, owner.account);
    await press(token);

    const { email, id } = owner.account;
    await expect(sessions.refresh(tokens.refreshToken, ORIGIN)).rejects.toMatchObject({
      reason: 'invalid_grant',
    });
    const kinds = feed.published.map(({ kind }) => kind);
    expect(kinds).toEqual(['session', 'session', 'subject']);
    await expect(login.logIn({ ...ORIGIN, email, password: PASSWORD })).rejects.toMatchObject({
      reason: 'invalid_credentials',
    });
    expect(await mails()).toEqual([{ kind: 'account_secured' }]);
    expect(await accounts.compromisedHash(id)).toContain(PASSWORD);
    expect(events.all[0]).toEqual({
      ...{ type: 'account', outcome: 'succeeded', reason: 'account_reported_compromised' },
      ...{ principal: id, clientAddress: CLIENT_ADDRESS },
    });
  });

  it('forgets its devices, and lets no passkey sign in alone', async () => {
    const world = await setUp();
    const { owner, open, press, passkeys, devices, clock } = world;
    const { id, email } = owner.account;
    const { deviceTokens } = await openSession(world, owner.account);
    await expect(devices.recognise(deviceTokens, email)).resolves.toBeDefined();
    await passkeys.add(database.db, newPasskey(id, clock.now()));
    const token = newLinkToken();
    await open(token, true);
    await press(token);
    await expect(devices.recognise(deviceTokens, email)).resolves.toBeUndefined();
    expect(await passkeys.list(id)).toMatchObject([{ needsPassword: true }]);
  });

  it('uses a link up by one statement: of many at once one succeeds', async () => {
    const { links, token, clock } = await setUp();
    const uses = Array.from({ length: 8 }, () => links.use(database.db, token, clock.now()));
    expect((await Promise.all(uses)).filter((used) => used !== undefined)).toHaveLength(1);
  });

  it.each([
    [true, 1, 'account_secured'],
    [false, 0, 'account_secured_factors_removed'],
  ])(
    'of an account that had a second factor then (%s) leaves so many: %d',
    async (hadSecondFactor, left, kind) => {
      const { press, open, owner, factors, mails } = await setUp(newEnrolled);
      const token = newLinkToken();
      await open(token, hadSecondFactor);
      await database.db.deleteFrom('mails').execute();
      await press(token);
      expect(await factors.inUse(owner.account.id)).toHaveLength(left);
      expect(await mails()).toEqual([{ kind }]);
    },
  );

  it('has every notice bring a link, worth what the account was worth then', async () => {
    const { owner } = await setUp(newEnrolled);
    const found = await database.db
      .selectFrom('not_me_links')
      .select('had_second_factor')
      .where('account_id', '=', owner.account.id)
      .execute();
    // That of the enrolment, before which there was none, and that of the set-up.
    expect(found).toEqual([{ had_second_factor: false }, { had_second_factor: false }]);
    const { notices, clock } = await accountsOf(database);
    await notices.send(database.db, owner.account.id, {
      ...{ kind: 'password_changed', now: clock.now() },
    });
    const { rows } = { rows: await database.db.selectFrom('not_me_links').selectAll().execute() };
    expect(
      rows.filter((row) => row.account_id === owner.account.id && row.had_second_factor),
    ).toHaveLength(1);
  });
});
