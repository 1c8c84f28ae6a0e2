import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Database } from '@sallyport/persistence';
import { CLIENT_ADDRESS, openAuthDatabase, ORIGIN } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { challengeOf, codeAt, enrol, newOwner, PASSWORD } from '../mfa/mfa.fixture';
import { MfaRequired } from '../mfa/mfa-required';
import { newMfaToken, parseMfaToken } from '../mfa/mfa-token';
import { SmsLimitReached } from '../throttling/sms-throttle';
import { SmsNotSent } from './sms-sender';
import { newPhoneOwner, NUMBER, OTHER_NUMBER, enrolPhone, smsOf } from './sms.fixture';
import type { PhoneOwner, SmsReplica } from './sms.fixture';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

const REFUSED = new ServiceError('UNAUTHENTICATED', 'mfa_refused');

interface World extends SmsReplica {
  readonly ada: PhoneOwner;
  /** Gives the password. */
  challenge(): Promise<string>;
  /** Asks for a code. */
  send(token: string): ReturnType<SmsReplica['smsSignIn']['sendFor']>;
  /** Asks for a code, and gives it here. */
  codeFor(token: string): Promise<string>;
  enter(token: string, code: string, method?: string): Promise<unknown>;
}

async function setUp(): Promise<World> {
  const replica = await smsOf(database);
  const ada = await newPhoneOwner(replica);
  replica.sender.sent.splice(0);
  replica.smsThrottle.admitted.splice(0);
  const send = (token: string) => replica.smsSignIn.sendFor(token, CLIENT_ADDRESS);
  return {
    ...replica,
    ada,
    challenge: () => challengeOf(replica, ada),
    send,
    codeFor: async (token) => {
      await send(token);
      return replica.sender.lastCode;
    },
    enter: (token, code, method = 'sms') =>
      replica.secondFactor.logIn(token, { ...ORIGIN, method, code }),
  };
}

describe('SmsSignInService sends nothing for', () => {
  it.each<readonly [string, string, (world: World) => Promise<string>]>([
    ['no challenge', 'mfa_challenge_refused', async () => ''],
    ['a challenge nobody has', 'mfa_challenge_refused', async () => newMfaToken()],
    ['the name of an interaction', 'mfa_challenge_refused', async () => 'interaction:x'],
    [
      'a challenge past its end',
      'mfa_challenge_refused',
      async (world) => {
        const token = await world.challenge();
        world.clock.advance({ seconds: 300 });
        return token;
      },
    ],
    [
      'a challenge that was met',
      'mfa_challenge_refused',
      async (world) => {
        const token = await world.challenge();
        await world.enter(token, await world.codeFor(token));
        world.sender.sent.splice(0);
        world.smsThrottle.admitted.splice(0);
        return token;
      },
    ],
    [
      'an account that was locked meanwhile',
      'mfa_challenge_refused',
      async (world) => {
        const token = await world.challenge();
        await world.accounts.lock(database.db, world.ada.account.id, world.clock.now());
        return token;
      },
    ],
    [
      'an account without a number',
      'sms_not_enrolled',
      async (world) => challengeOf(world, await enrol(world, await newOwner(world))),
    ],
  ])('%s', async (_name, reason, prepare) => {
    const world = await setUp();
    const token = await prepare(world);
    world.events.clear();
    await expect(world.send(token)).rejects.toEqual(REFUSED);
    expect(world.sender.sent).toEqual([]);
    expect(world.smsThrottle.admitted).toEqual([]);
    expect(world.events.all).toMatchObject([{ outcome: 'refused', reason }]);
  });
});

describe('SmsSignInService', () => {
  it('sends a code to the number, and tells little of it', async () => {
    const world = await setUp();
    const token = await world.challenge();
    const sent = await world.send(token);
    expect(sent).toEqual({ phoneNumber: '+1 … 23', expiresIn: 300, resendAfter: 30 });
    expect(world.sender.sent).toMatchObject([{ to: NUMBER }]);
    const { id: accountId } = world.ada.account;
    expect(world.smsThrottle.admitted).toEqual([
      { accountId, number: NUMBER, clientAddress: CLIENT_ADDRESS },
    ]);
    const traces = `${world.log.join('')}${JSON.stringify(world.events.all)}`;
    expect(traces).toContain('sms_code_sent');
    expect(traces).not.toContain(NUMBER);
    expect(traces).not.toContain(world.sender.lastCode);
    const outcome = await world.enter(token, world.sender.lastCode);
    const { accessToken } = outcome as { readonly accessToken: string };
    expect(await world.verify(accessToken)).toMatchObject({
      acr: 'urn:sallyport:acr:mfa',
      amr: ['pwd', 'sms', 'mfa'],
    });
  });

  it('says how long the challenge lives where that is shorter', async () => {
    const world = await setUp();
    const token = await world.challenge();
    world.clock.advance({ seconds: 200 });
    expect(await world.send(token)).toMatchObject({ expiresIn: 100 });
  });

  it('sends none over a limit, and leaves the one of before as it is', async () => {
    const world = await setUp();
    const token = await world.challenge();
    const code = await world.codeFor(token);
    world.clock.advance({ seconds: 30 });
    world.smsThrottle.refusal = new SmsLimitReached(1200);
    await expect(world.send(token)).rejects.toMatchObject({ retryAfterSeconds: 1200 });
    expect(world.sender.sent).toHaveLength(1);
    await expect(world.enter(token, code)).resolves.toBeDefined();
  });

  it('sends another one after a pause, and counts nothing before', async () => {
    const world = await setUp();
    const token = await world.challenge();
    await world.send(token);
    world.clock.advance({ seconds: 12 });
    await expect(world.send(token)).rejects.toMatchObject({
      status: 'RESOURCE_EXHAUSTED',
      retryAfterSeconds: 18,
    });
    expect(world.smsThrottle.admitted).toHaveLength(1);
    world.clock.advance({ seconds: 18 });
    await expect(world.send(token)).resolves.toBeDefined();
  });

  it('sends one message to many who ask at once', async () => {
    const world = await setUp();
    const token = await world.challenge();
    const asked = await Promise.allSettled(Array.from({ length: 8 }, () => world.send(token)));
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(world.sender.sent).toHaveLength(1);
  });

  it.each([true, false])(
    'says so when nothing was sent (final: %s), and keeps no code',
    async (isFinal) => {
      const world = await setUp();
      const token = await world.challenge();
      world.sender.refusal = new SmsNotSent('status 500', isFinal);
      await expect(world.send(token)).rejects.toMatchObject({
        status: 'UNAVAILABLE',
        reason: 'sms_not_sent',
      });
      world.sender.refusal = undefined;
      // No pause after what was not sent.
      await expect(world.send(token)).resolves.toBeDefined();
    },
  );

  it('is offered last of the factors', async () => {
    const world = await setUp();
    const { account } = await enrol(world, world.ada);
    const outcome = await world.login.logIn({
      ...ORIGIN,
      email: account.email,
      password: PASSWORD,
    });
    expect(outcome).toBeInstanceOf(MfaRequired);
    expect(outcome).toMatchObject({ methods: ['totp', 'sms', 'recovery_code'] });
  });
});

type Attempt = (world: World) => Promise<readonly [token: string, code: string]>;

describe('a code by text message is refused', () => {
  it.each<readonly [string, Attempt]>([
    ['when none was sent', async (world) => [await world.challenge(), '123456']],
    ['when it is none', async (world) => [await world.challenge(), 'abcdef']],
    [
      'when it is another one',
      async (world) => {
        const token = await world.challenge();
        const code = await world.codeFor(token);
        return [token, code === '000000' ? '000001' : '000000'];
      },
    ],
    [
      'when it was replaced',
      async (world) => {
        const token = await world.challenge();
        const code = await world.codeFor(token);
        world.clock.advance({ seconds: 30 });
        let next = await world.codeFor(token);
        while (next === code) {
          world.clock.advance({ seconds: 30 });
          next = await world.codeFor(token);
        }
        return [token, code];
      },
    ],
    [
      'after five minutes',
      async (world) => {
        const token = await world.challenge();
        const code = await world.codeFor(token);
        await database.db.updateTable('sms_codes').set({ expires_at: world.clock.now() }).execute();
        return [token, code];
      },
    ],
    [
      'when it was sent for another challenge of the account',
      async (world) => {
        const [token, other] = [await world.challenge(), await world.challenge()];
        const code = await world.codeFor(other);
        await world.send(token);
        return [token, world.sender.lastCode === code ? '' : code];
      },
    ],
    [
      'when it was sent to somebody else',
      async (world) => {
        const eve = await newPhoneOwner(world);
        const code = await world.codeFor(await challengeOf(world, eve));
        return [await world.challenge(), code];
      },
    ],
    [
      'when the number was removed',
      async (world) => {
        await enrol(world, world.ada);
        const token = await world.challenge();
        const code = await world.codeFor(token);
        await world.phones.remove(database.db, world.ada.account.id);
        return [token, code];
      },
    ],
    [
      'when a challenge of the same name was opened again',
      async (world) => {
        const token = await world.challenge();
        const code = await world.codeFor(token);
        const account = await world.accounts.findById(world.ada.account.id);
        const named = parseMfaToken(token);
        if (!account || !named) throw new Error('no challenge');
        await world.challenges.open(named, account, world.clock.now());
        return [token, code];
      },
    ],
  ])('%s', async (_name, prepare) => {
    const world = await setUp();
    const [token, code] = await prepare(world);
    world.events.clear();
    await expect(world.enter(token, code)).rejects.toEqual(REFUSED);
    expect(world.events.all).toMatchObject([{ outcome: 'refused', reason: 'sms_code_refused' }]);
  });

  it('after five tries, for the same challenge or another', async () => {
    const world = await setUp();
    const token = await world.challenge();
    const code = await world.codeFor(token);
    const wrong = code === '000000' ? '000001' : '000000';
    for (let tries = 0; tries < 5; tries += 1) {
      await expect(world.enter(token, wrong)).rejects.toEqual(REFUSED);
    }
    await expect(world.enter(token, code)).rejects.toEqual(REFUSED);
    const next = await world.challenge();
    await expect(world.enter(next, await world.codeFor(next))).resolves.toBeDefined();
  });

  it('to all but one of those who give it at once', async () => {
    const world = await setUp();
    const token = await world.challenge();
    const code = await world.codeFor(token);
    const given = Array.from({ length: 5 }, () => world.enter(token, code));
    const outcomes = await Promise.allSettled(given);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('by the method of an app, whose codes look the same', async () => {
    const world = await setUp();
    const { secret } = await enrol(world, world.ada);
    const token = await world.challenge();
    const code = await world.codeFor(token);
    const appCode = codeAt(secret, world.clock.now());
    if (code === appCode) return;
    await expect(world.enter(token, code, 'totp')).rejects.toEqual(REFUSED);
    await expect(world.enter(token, appCode, 'sms')).rejects.toEqual(REFUSED);
    await expect(world.enter(token, code)).resolves.toBeDefined();
  });
});

describe('where text messages are switched off', () => {
  it('an account that has only a number signs in with a recovery code, and not with the password alone', async () => {
    const world = await setUp();
    const off = await smsOf(database, { isOffered: false });
    const { account, recoveryCodes } = world.ada;
    const { email } = account;
    const outcome = await off.login.logIn({ ...ORIGIN, email, password: PASSWORD });
    if (!(outcome instanceof MfaRequired)) throw new Error('the password was enough');
    expect(outcome.methods).toEqual(['recovery_code']);
    const notOffered = { status: 'FAILED_PRECONDITION', reason: 'sms_not_offered' };
    const sent = off.smsSignIn.sendFor(outcome.token, CLIENT_ADDRESS);
    await expect(sent).rejects.toMatchObject(notOffered);
    const given = { ...ORIGIN, method: 'recovery_code', code: recoveryCodes[0] ?? '' };
    await expect(off.secondFactor.logIn(outcome.token, given)).resolves.toBeDefined();
  });
});

it('goes to the number that was confirmed last', async () => {
  const world = await setUp();
  const ada = await enrolPhone(world, world.ada, OTHER_NUMBER);
  await world.send(await challengeOf(world, ada));
  expect(world.sender.sent.at(-1)?.to).toBe('+12025550142');
});
