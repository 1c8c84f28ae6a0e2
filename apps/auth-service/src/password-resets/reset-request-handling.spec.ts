import type { Database } from '@sallyport/persistence';
import { ServiceError } from '@sallyport/nest-zero-trust';
import { CLIENT_ADDRESS, openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { MailNotSent } from '../mail/mail-sender';
import { resetsOf } from './password-resets.fixture';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

beforeEach(async () => {
  await database.db.deleteFrom('mails').execute();
  await database.db.deleteFrom('password_reset_requests').execute();
});

afterAll(() => database.close());

async function setUp() {
  const replica = await resetsOf(database);
  const account = await replica.newAccount();
  const mailRows = () => database.db.selectFrom('mails').selectAll().execute();
  return { ...replica, account, mailRows };
}

describe('a request for a new password', () => {
  it.each([
    ['email_invalid', 'nobody'],
    ['email_invalid', 'a@example.com\r\nBcc: b@example.com'],
  ])('is refused as %s for %j', async (reason, email) => {
    const { requests } = await setUp();
    await expect(requests.request(email, CLIENT_ADDRESS)).rejects.toMatchObject({ reason });
  });

  it('is not written down when there were too many', async () => {
    const { requests, throttle, account } = await setUp();
    throttle.refusal = new ServiceError('RESOURCE_EXHAUSTED', 'too_many_attempts');
    await expect(requests.request(account.email, CLIENT_ADDRESS)).rejects.toBe(throttle.refusal);
    const rows = await database.db.selectFrom('password_reset_requests').selectAll().execute();
    expect(rows).toEqual([]);
  });

  it('is counted and written down alike for a known and an unknown address, and no account is touched', async () => {
    const { requests, throttle, account, events, mailRows } = await setUp();
    for (const email of [account.email, `nobody-${account.email}`]) {
      await expect(requests.request(email, CLIENT_ADDRESS)).resolves.toBeUndefined();
    }
    expect(throttle.admitted).toEqual(
      [account.email, `nobody-${account.email}`].map((email) => ({
        action: 'password_reset',
        email,
        clientAddress: CLIENT_ADDRESS,
      })),
    );
    expect(events.all).toEqual([]);
    expect(await mailRows()).toEqual([]);
  });

  it.each<[string, string]>([
    ['password_reset_unknown_account', 'an address without account'],
    ['account_locked', 'a locked account'],
  ])('leaves %s in the trail and sends nothing for %s', async (reason) => {
    const { linkFor, control, account, events, mails } = await setUp();
    if (reason === 'account_locked') await control.lock(account.id, undefined);
    events.clear();
    const email = reason === 'account_locked' ? account.email : `nobody-${account.email}`;
    expect(await linkFor(email)).toBeUndefined();
    expect(mails.sent).toEqual([]);
    expect(events.all).toMatchObject([{ type: 'account', outcome: 'refused', reason }]);
    expect(JSON.stringify(events.all)).not.toContain(email);
  });

  it('gives an account one link when many replicas handle many requests', async () => {
    const { account, requests, handling } = await setUp();
    const others = await Promise.all([resetsOf(database), resetsOf(database)]);
    for (let count = 0; count < 6; count += 1) {
      await requests.request(account.email, CLIENT_ADDRESS);
    }
    await Promise.all([handling, ...others.map((each) => each.handling)].map((each) => each.run()));
    const links = await database.db
      .selectFrom('password_resets')
      .select('end_reason')
      .where('account_id', '=', account.id)
      .execute();
    expect(links).toHaveLength(6);
    expect(links.filter((link) => link.end_reason === null)).toHaveLength(1);
  });

  it('sends a link whose token is nowhere in clear', async () => {
    const { account, requests, handling, delivery, mails, mailRows, events, log } = await setUp();
    await requests.request(account.email.toUpperCase(), CLIENT_ADDRESS);
    await handling.run();
    const waiting = await mailRows();
    await delivery.run();

    const [mail] = mails.sent;
    const token = /#token=([\w-]{43})\n/.exec(mail?.text ?? '')?.[1] ?? 'none';
    expect(mail).toMatchObject({ to: account.email, subject: 'Choose a new password' });
    expect(mail?.text).toContain(`https://localhost:8443/auth/reset#token=${token}\n`);
    expect(mail?.html).toContain(`href="https://localhost:8443/auth/reset#token=${token}"`);
    const resets = await database.db.selectFrom('password_resets').selectAll().execute();
    const stored = [waiting, resets].map((rows) => dumped(rows)).join('');
    for (const spelling of [token, Buffer.from(token).toString('hex')]) {
      expect(stored + log.join('') + JSON.stringify(events.all)).not.toContain(spelling);
    }
    expect(await mailRows()).toEqual([]);
    expect(events.all).toEqual([
      {
        type: 'account',
        outcome: 'succeeded',
        reason: 'password_reset_requested',
        principal: account.id,
        clientAddress: CLIENT_ADDRESS,
        correlationId: undefined,
      },
    ]);
  });
});

describe('MailDelivery', () => {
  it('loses no mail while the server is gone, and tries again after growing pauses', async () => {
    const { account, requests, handling, delivery, mails, mailRows, clock } = await setUp();
    await requests.request(account.email, CLIENT_ADDRESS);
    await handling.run();
    mails.failure = new MailNotSent('ECONNECTION', false);
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 4; attempt += 1) {
      await delivery.run();
      const [row] = await mailRows();
      const pause = ((row?.due_at.getTime() ?? 0) - clock.now().getTime()) / 1000;
      pauses.push(pause);
      clock.advance({ seconds: pause });
    }
    expect(pauses).toEqual([30, 60, 120, 240]);
    mails.failure = undefined;
    await delivery.run();
    expect(mails.sent).toHaveLength(1);
    expect(await mailRows()).toEqual([]);
  });

  it('gives up what is of no use any more, and says so', async () => {
    const { account, requests, handling, delivery, mails, mailRows, clock, log } = await setUp();
    await requests.request(account.email, CLIENT_ADDRESS);
    await handling.run();
    clock.advance({ seconds: 30 * 60 });
    await delivery.run();
    expect(mails.sent).toEqual([]);
    expect(await mailRows()).toEqual([]);
    expect(log.join('')).toContain('mail_given_up');
  });

  it('writes no second time to whom the server refuses for good, and goes on with the others', async () => {
    const world = await setUp();
    const other = await world.newAccount();
    for (const { email } of [world.account, other]) {
      await world.requests.request(email, CLIENT_ADDRESS);
    }
    await world.handling.run();
    world.mails.failure = new MailNotSent('EENVELOPE 550', true);
    await world.delivery.run();
    expect(await world.mailRows()).toEqual([]);
    expect(world.log.filter((line) => line.includes('"isFinal":true'))).toHaveLength(2);
  });

  it('sends each mail once when many replicas do it', async () => {
    const world = await setUp();
    const replicas = [world, await resetsOf(database), await resetsOf(database)];
    for (let count = 0; count < 5; count += 1) {
      const { email } = await world.newAccount();
      await world.requests.request(email, CLIENT_ADDRESS);
    }
    await world.handling.run();
    await Promise.all(replicas.map(({ delivery }) => delivery.run()));
    const sent = replicas.flatMap(({ mails }) => mails.sent.map(({ id }) => id));
    expect(sent).toHaveLength(5);
    expect(new Set(sent).size).toBe(5);
  });
});

/** Bytes as text and in hexadecimal. */
function dumped(rows: readonly object[]): string {
  return JSON.stringify(rows, (_key, value: unknown) => {
    const bytes = value as { readonly type?: string; readonly data?: number[] } | null;
    if (bytes?.type !== 'Buffer') return value;
    const buffer = Buffer.from(bytes.data ?? []);
    return buffer.toString('latin1') + buffer.toString('hex');
  });
}
