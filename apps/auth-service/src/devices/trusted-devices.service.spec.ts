import { randomUUID } from 'node:crypto';
import type { Database } from '@sallyport/persistence';
import { createPrincipal } from '@sallyport/principal';
import { accountsOf, tokensOf } from '../accounts/accounts.fixture';
import type { Account } from '../accounts/account';
import { CLIENT_ADDRESS, openAuthDatabase, ORIGIN } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { newDeviceToken } from './device-token';
import { DevicesRepository } from './devices.repository';
import { forgetDevices } from './forget-devices';
import { DEVICE_LIFETIME_SECONDS, MOST_DEVICES } from './trusted-device';

const PASSWORD = 'correct horse battery staple';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

async function setUp() {
  const world = await accountsOf(database);
  const newOwner = () => world.newAccount({ passwordHash: `$argon2id$current$${PASSWORD}` });
  const ada = await newOwner();
  const signIn = ({ email }: Account, deviceTokens = '') =>
    tokensOf(world.login.logIn({ email, password: PASSWORD, ...ORIGIN, deviceTokens }));
  const mailKinds = async ({ id }: Account): Promise<readonly string[]> => {
    const mails = database.db.selectFrom('mails').select('kind').where('account_id', '=', id);
    return (await mails.execute()).map(({ kind }) => kind);
  };
  const devicesOf = ({ id }: Account) =>
    database.db.selectFrom('trusted_devices').selectAll().where('account_id', '=', id).execute();
  return { ...world, ada, newOwner, signIn, mailKinds, devicesOf };
}

describe('a device that presents itself', () => {
  it.each<[string, (world: Awaited<ReturnType<typeof setUp>>) => Promise<string>]>([
    ['nothing', async () => ''],
    ['what is no token', async () => 'x'.repeat(42)],
    ['a token that was made up', async () => newDeviceToken()],
    [
      'that of another account',
      async ({ newOwner, signIn }) => (await signIn(await newOwner())).deviceTokens,
    ],
    [
      'one that was exchanged',
      async ({ ada, signIn }) => {
        const { deviceTokens } = await signIn(ada);
        await signIn(ada, deviceTokens);
        return deviceTokens;
      },
    ],
    [
      'one that was forgotten',
      async ({ ada, signIn }) => {
        const { deviceTokens } = await signIn(ada);
        await forgetDevices(database.db, ada.id);
        return deviceTokens;
      },
    ],
    [
      'one that is past its end',
      async ({ ada, signIn, clock }) => {
        const { deviceTokens } = await signIn(ada);
        clock.advance({ seconds: DEVICE_LIFETIME_SECONDS });
        return deviceTokens;
      },
    ],
  ])('is not known by %s', async (_name, present) => {
    const world = await setUp();
    const presented = await present(world);
    const { ada, devices, signIn, mailKinds, throttle } = world;
    expect(await devices.recognise(presented, ada.email)).toBeUndefined();
    const before = (await mailKinds(ada)).length;
    await signIn(ada, presented);
    expect(throttle.admitted.at(-1)?.deviceId).toBeUndefined();
    expect((await mailKinds(ada)).slice(before)).toEqual(['new_sign_in']);
  });

  it('is never known by a token that it brought along', async () => {
    const { ada, signIn } = await setUp();
    const planted = newDeviceToken();
    const { deviceTokens } = await signIn(ada, planted);
    expect(deviceTokens).toMatch(/^[\w-]{43}$/);
    expect(deviceTokens).not.toBe(planted);
  });

  it('is known by what it was given, counted apart, and nobody is told', async () => {
    const { ada, devices, signIn, mailKinds, throttle, devicesOf } = await setUp();
    const first = await signIn(ada);
    const second = await signIn(ada, first.deviceTokens);
    expect(second.deviceTokens).not.toBe(first.deviceTokens);
    const [device] = await devicesOf(ada);
    expect(await devices.recognise(second.deviceTokens, ada.email)).toBe(device?.id);
    expect(throttle.admitted.at(-1)).toMatchObject({ deviceId: device?.id });
    expect(throttle.forgotten.at(-1)).toMatchObject({ deviceId: device?.id });
    expect(await mailKinds(ada)).toEqual(['new_sign_in']);
  });

  it('is one device of each account that is used in the browser', async () => {
    const { ada, newOwner, devices, signIn, mailKinds } = await setUp();
    const bob = await newOwner();
    const { deviceTokens: adas } = await signIn(ada);
    const { deviceTokens: both } = await signIn(bob, adas);
    expect(both.split('&')).toEqual([expect.any(String), adas]);
    const { deviceTokens } = await signIn(ada, `planted&${both}`);
    for (const account of [ada, bob]) {
      expect(await devices.recognise(deviceTokens, account.email)).toBeDefined();
      expect(await mailKinds(account)).toEqual(['new_sign_in']);
    }
  });

  it('is one when it signs in twice at once: the other is a new one, and told of', async () => {
    const { ada, signIn, mailKinds } = await setUp();
    const { deviceTokens } = await signIn(ada);
    await Promise.all([signIn(ada, deviceTokens), signIn(ada, deviceTokens)]);
    expect(await mailKinds(ada)).toEqual(['new_sign_in', 'new_sign_in']);
  });
});

describe('an account', () => {
  it('says in the notice when, with what and from where, and no more of the address', async () => {
    const { ada, signIn, outbox, clock } = await setUp();
    await database.db.deleteFrom('mails').execute();
    await signIn(ada);
    const mail = await outbox.claim(clock.now());
    expect(mail).toMatchObject({
      kind: 'new_sign_in',
      to: ada.email,
      createdAt: clock.now(),
      details: { device: 'a client named a', from: '192.0.2.x' },
    });
    expect(JSON.stringify(mail)).not.toContain(CLIENT_ADDRESS);
  });

  it('is told of no sign-in by registering, nor by a change of the password', async () => {
    const { registration, passwordChange, verify, mailKinds, accounts, devices } = await setUp();
    const email = `${randomUUID()}@example.com`;
    const first = await registration.register({ email, password: PASSWORD, ...ORIGIN });
    const { sub, sid } = await verify(first.accessToken);
    const account = await accounts.findById(sub);
    if (!account) throw new Error('no account');
    expect(await devices.recognise(first.deviceTokens, account.email)).toBeDefined();
    const second = await passwordChange.change(
      createPrincipal({
        ...{ id: sub, type: 'user', scopes: new Set<string>(), sessionId: sid },
        ...{ clientId: undefined, acr: undefined, authTime: undefined },
      }),
      {
        ...{ currentPassword: PASSWORD, newPassword: `${PASSWORD} again` },
        ...{ secondFactor: { method: 'totp', code: '' }, ...ORIGIN },
        deviceTokens: first.deviceTokens,
      },
    );
    expect(await mailKinds(account)).toEqual(['password_changed']);
    expect(await devices.recognise(first.deviceTokens, account.email)).toBeUndefined();
    expect(await devices.recognise(second.deviceTokens, account.email)).toBeDefined();
  });

  it('keeps the device of one session when the others are forgotten', async () => {
    const { ada, devices, signIn, verify } = await setUp();
    const kept = await signIn(ada);
    const other = await signIn(ada);
    const { sid } = await verify(kept.accessToken);
    await forgetDevices(database.db, ada.id, { exceptOf: String(sid) });
    expect(await devices.recognise(kept.deviceTokens, ada.email)).toBeDefined();
    expect(await devices.recognise(other.deviceTokens, ada.email)).toBeUndefined();
  });

  it('has no device left once an operator has locked it', async () => {
    const { ada, control, signIn, devicesOf } = await setUp();
    await signIn(ada);
    await control.lock(ada.id, undefined);
    expect(await devicesOf(ada)).toEqual([]);
  });

  it('keeps those that were used last, and no digest that tells a token', async () => {
    const { ada, clock, signIn, devicesOf } = await setUp();
    const repository = new DevicesRepository(database);
    const at = { accountId: ada.id, sessionId: undefined, now: clock.now() };
    const tokens = Array.from({ length: MOST_DEVICES }, newDeviceToken);
    for (const token of tokens) await repository.add(database.db, token, at);
    clock.advance({ seconds: 1 });
    const { deviceTokens } = await signIn(ada);
    const rows = await devicesOf(ada);
    expect(rows).toHaveLength(MOST_DEVICES);
    expect(JSON.stringify(rows)).not.toContain(deviceTokens);
    const later = new Date(clock.now().getTime() + DEVICE_LIFETIME_SECONDS * 1000);
    expect(await repository.removeExpired(later, 1_000)).toBeGreaterThanOrEqual(MOST_DEVICES);
    expect(await devicesOf(ada)).toEqual([]);
  });

  it.each([
    ['a wrong password', true],
    ['the right one', false],
  ])('is told of a lock, once and only when the last attempt fails: %s', async (_name, fails) => {
    const { ada, login, throttle, mailKinds, events } = await setUp();
    throttle.isLast = true;
    const password = fails ? 'a wrong password' : PASSWORD;
    await login.logIn({ email: ada.email, password, ...ORIGIN }).catch(() => undefined);
    throttle.isLast = false;
    await login.logIn({ email: ada.email, password: 'wrong', ...ORIGIN }).catch(() => undefined);
    const expected = fails ? 'password_sign_in_locked' : 'new_sign_in';
    expect(await mailKinds(ada)).toEqual([expected]);
    const locks = events.all.filter(({ reason }) => reason === 'password_sign_in_locked');
    expect(locks).toHaveLength(fails ? 1 : 0);
  });

  it('that there is none of is told nothing, and the answer is the same', async () => {
    const { login, throttle, events } = await setUp();
    throttle.isLast = true;
    const email = `${randomUUID()}@example.com`;
    await expect(login.logIn({ email, password: PASSWORD, ...ORIGIN })).rejects.toMatchObject({
      status: 'UNAUTHENTICATED',
      reason: 'invalid_credentials',
    });
    expect(events.all.map(({ reason }) => reason)).toEqual(['invalid_credentials']);
  });
});
