import { randomBytes } from 'node:crypto';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Database } from '@sallyport/persistence';
import { CLIENT_ADDRESS, KEY_ENCRYPTION_KEY, openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { enrol, newOwner, PASSWORD, signedIn } from '../mfa/mfa.fixture';
import type { Owner } from '../mfa/mfa.fixture';
import { FileKeyEncryption } from '../signing-keys/file.key-encryption';
import { SmsLimitReached } from '../throttling/sms-throttle';
import { PhoneResealing } from './phone-resealing';
import { openPhoneNumber } from './sealed-phone-number';
import { SmsNotSent } from './sms-sender';
import { enrolPhone, NUMBER, OTHER_NUMBER, presentedPhone, smsOf } from './sms.fixture';
import type { SmsReplica } from './sms.fixture';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

const REFUSED = new ServiceError('UNAUTHENTICATED', 'mfa_refused');

interface World extends SmsReplica {
  readonly ada: Owner;
  begin(number?: string): Promise<unknown>;
  confirm(code?: string, owner?: Owner): Promise<readonly string[]>;
}

async function setUp(
  options: { readonly isOffered?: boolean; readonly requiredForScopes?: string[] } = {},
): Promise<World> {
  const replica = await smsOf(database, options);
  const ada = await newOwner(replica);
  return {
    ...replica,
    ada,
    begin: (number) => replica.phoneEnrolment.begin(ada.principal, presentedPhone(number)),
    confirm: (code = replica.sender.lastCode, owner = ada) =>
      replica.phoneEnrolment.confirm(owner.principal, code, CLIENT_ADDRESS),
  };
}

describe('beginning to enrol a number', () => {
  it.each<readonly [string, object, string]>([
    ['without accepting the risk', { acceptsRisk: false }, 'risk_not_accepted'],
    ['with no number', { phoneNumber: 'none' }, 'phone_number_refused'],
    ['with a premium number', { phoneNumber: '+19005550123' }, 'phone_number_refused'],
    ['with a country that is not served', { phoneNumber: '+33612345678' }, 'phone_number_refused'],
  ])('is refused %s, and nothing is sent', async (_name, change, reason) => {
    const world = await setUp();
    const begun = world.phoneEnrolment.begin(world.ada.principal, {
      ...presentedPhone(),
      ...change,
    });
    await expect(begun).rejects.toMatchObject({ status: 'INVALID_ARGUMENT', reason });
    expect(world.sender.sent).toEqual([]);
    expect(world.smsThrottle.admitted).toEqual([]);
    await expect(world.begin()).resolves.toBeDefined();
  });

  it('is refused over a limit, and leaves what was begun before', async () => {
    const world = await setUp();
    await world.begin();
    world.smsThrottle.refusal = new SmsLimitReached(60);
    await expect(world.begin(OTHER_NUMBER)).rejects.toBeInstanceOf(SmsLimitReached);
    expect(world.sender.sent).toHaveLength(1);
    await expect(world.confirm()).resolves.toHaveLength(10);
  });

  it.each([
    [true, 'INVALID_ARGUMENT', 'phone_number_refused'],
    [false, 'UNAVAILABLE', 'sms_not_sent'],
  ])('says so when nothing was sent (final: %s)', async (isFinal, status, reason) => {
    const world = await setUp();
    world.sender.refusal = new SmsNotSent('status', isFinal);
    await expect(world.begin()).rejects.toMatchObject({ status, reason });
    expect(world.log.join('')).toContain('sms_not_sent');
    expect(world.log.join('')).not.toContain(NUMBER);
  });

  it('is not offered where no operator has switched it on', async () => {
    const world = await setUp({ isOffered: false });
    const notOffered = { status: 'FAILED_PRECONDITION', reason: 'sms_not_offered' };
    await expect(world.begin()).rejects.toMatchObject(notOffered);
    await expect(world.confirm('123456')).rejects.toMatchObject(notOffered);
  });

  it('changes nothing until the number is confirmed', async () => {
    const world = await setUp();
    expect(await world.begin()).toEqual({ phoneNumber: '+1 … 23', expiresIn: 300 });
    expect(await world.requirement.isFor(world.ada.account.id)).toBe(false);
  });
});

describe('confirming a number is refused', () => {
  it.each<readonly [string, (world: World) => Promise<string>]>([
    ['when nothing was begun', async () => '123456'],
    [
      'with another code',
      async (world) => {
        await world.begin();
        return world.sender.lastCode === '000000' ? '000001' : '000000';
      },
    ],
    [
      'with the code of a number begun before',
      async (world) => {
        await world.begin();
        const code = world.sender.lastCode;
        await world.begin(OTHER_NUMBER);
        return world.sender.lastCode === code ? '' : code;
      },
    ],
    [
      'with a code that is too old',
      async (world) => {
        await world.begin();
        world.clock.advance({ seconds: 300 });
        return world.sender.lastCode;
      },
    ],
    [
      'after other factors changed',
      async (world) => {
        await world.begin();
        const code = world.sender.lastCode;
        await enrol(world, world.ada);
        return code;
      },
    ],
    [
      'with the code of a sign-in',
      async (world) => {
        const eve = await enrolPhone(world, await newOwner(world));
        await world.phoneEnrolment.begin(eve.principal, presentedPhone());
        return world.sender.lastCode;
      },
    ],
  ])('%s', async (_name, prepare) => {
    const world = await setUp();
    const code = await prepare(world);
    world.events.clear();
    await expect(world.confirm(code)).rejects.toEqual(REFUSED);
    expect(world.events.all).toMatchObject([{ outcome: 'refused' }]);
    expect(await world.phones.active(world.ada.account.id)).toBeUndefined();
  });

  it('after five tries', async () => {
    const world = await setUp();
    await world.begin();
    const { lastCode } = world.sender;
    const wrong = lastCode === '000000' ? '000001' : '000000';
    for (let tries = 0; tries < 5; tries += 1) {
      await expect(world.confirm(wrong)).rejects.toEqual(REFUSED);
    }
    await expect(world.confirm(lastCode)).rejects.toEqual(REFUSED);
  });

  it('to all but one of those who do it at once', async () => {
    const world = await setUp();
    await world.begin();
    const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => world.confirm()));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('a number that was confirmed', () => {
  it('comes with recovery codes, ends the other sessions, and has the owner told', async () => {
    const world = await setUp();
    await signedIn(world, world.ada.account);
    await world.begin();
    world.events.clear();
    expect(await world.confirm()).toHaveLength(10);
    expect(world.events.all).toMatchObject([{ reason: 'factor_enrolled', outcome: 'succeeded' }]);
    expect(await world.sessionRows.countLive(world.ada.account.id, world.clock.now())).toBe(1);
    const factors = await world.own.list(world.ada.principal);
    expect(factors).toMatchObject({
      factors: [{ type: 'sms', name: '+1 … 23' }],
      recoveryCodesLeft: 10,
    });
    const mails = await database.db
      .selectFrom('mails')
      .select('kind')
      .where('account_id', '=', world.ada.account.id)
      .execute();
    expect(mails).toEqual([{ kind: 'phone_enrolled' }]);
  });

  it('comes without them beside another factor', async () => {
    const world = await setUp();
    await enrol(world, world.ada);
    await world.begin();
    expect(await world.confirm()).toEqual([]);
  });

  it('stays in use until another one is confirmed', async () => {
    const world = await setUp();
    await enrolPhone(world, world.ada);
    await world.begin(OTHER_NUMBER);
    const { id } = world.ada.account;
    expect(await world.phones.active(id)).toMatchObject({ maskedNumber: '+1 … 23' });
    expect(await world.confirm()).toEqual([]);
    expect(await world.phones.active(id)).toMatchObject({ maskedNumber: '+1 … 42' });
  });

  it('is sealed for its owner, and again under another key', async () => {
    const world = await setUp();
    await enrolPhone(world, world.ada);
    const stored = await database.db.selectFrom('phone_factors').selectAll().execute();
    expect(JSON.stringify(stored, (_key, value: unknown) => value)).not.toContain('2025550123');
    expect(stored.every(({ sealed_number: sealed }) => !sealed.includes('2025550123'))).toBe(true);
    const next = new FileKeyEncryption([randomBytes(32), KEY_ENCRYPTION_KEY]);
    await new PhoneResealing(world.phones, next).reseal();
    const factor = await world.phones.active(world.ada.account.id);
    if (!factor) throw new Error('the number is gone');
    expect(factor.sealedNumber.keyId).toBe(await next.currentKeyId());
    expect(await openPhoneNumber(factor, next)).toBe(NUMBER);
    const eve = { ...factor, accountId: world.ada.account.email };
    await expect(openPhoneNumber(eve, next)).rejects.toMatchObject({ code: 'seal_broken' });
  });
});

describe('removing a number', () => {
  const removal = (password?: string) => ({ password, clientAddress: CLIENT_ADDRESS });

  it.each([
    ['without password', undefined, 'FAILED_PRECONDITION', 'password_required'],
    ['with a wrong one', 'a wrong password', 'UNAUTHENTICATED', 'invalid_credentials'],
  ])('that is the only factor is refused %s', async (_name, password, status, reason) => {
    const world = await setUp();
    const { principal } = await enrolPhone(world, world.ada);
    const removed = world.phoneEnrolment.remove(principal, removal(password));
    await expect(removed).rejects.toMatchObject({ status, reason });
    expect(await world.phones.active(world.ada.account.id)).toBeDefined();
    await world.phoneEnrolment.remove(principal, removal(PASSWORD));
    expect(await world.requirement.isFor(world.ada.account.id)).toBe(false);
  });

  it('is refused to whom a factor is required, and where there is none', async () => {
    const world = await setUp({ requiredForScopes: ['orders:read'] });
    const none = world.phoneEnrolment.remove(world.ada.principal, removal(PASSWORD));
    await expect(none).rejects.toMatchObject({ status: 'NOT_FOUND', reason: 'factor_not_found' });
    const { principal } = await enrolPhone(world, world.ada);
    const removed = world.phoneEnrolment.remove(principal, removal(PASSWORD));
    await expect(removed).rejects.toMatchObject({ reason: 'factor_required' });
  });

  it('works where none are sent any more, and takes no password beside another factor', async () => {
    const world = await setUp();
    await enrolPhone(world, world.ada);
    const { principal } = await enrol(world, world.ada);
    const off = await smsOf(database, { isOffered: false });
    await off.phoneEnrolment.remove(principal, removal());
    expect(await world.secondFactors.methodsOf(world.ada.account.id)).toEqual([
      'totp',
      'recovery_code',
    ]);
  });

  it('happens with all factors when an operator removes them', async () => {
    const world = await setUp();
    const { account } = await enrolPhone(world, world.ada);
    await world.control.removeFactors(account.email, undefined);
    expect(await world.phones.active(account.id)).toBeUndefined();
  });
});
