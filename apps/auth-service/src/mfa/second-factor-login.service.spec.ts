import { randomBytes } from 'node:crypto';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Database } from '@sallyport/persistence';
import { CLIENT_ADDRESS, openAuthDatabase, ORIGIN } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import {
  challengeOf,
  codeAt,
  type Enrolled,
  mfaOf,
  type MfaReplica,
  newEnrolled,
  PASSWORD,
  signedIn,
} from './mfa.fixture';
import { newMfaToken } from './mfa-token';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

interface World extends MfaReplica {
  readonly ada: Enrolled;
  /** Gives a code for a challenge. */
  enter(token: string, code: string, method?: string): Promise<unknown>;
  /** The code of now. */
  code(stepsAway?: number): string;
  liveSessions(): Promise<number>;
}

async function setUp(): Promise<World> {
  const replica = await mfaOf(database);
  const ada = await newEnrolled(replica);
  return {
    ...replica,
    ada,
    enter: (token, code, method = 'totp') =>
      replica.secondFactor.logIn(token, { ...ORIGIN, method, code }),
    code: (stepsAway = 0) => codeAt(ada.secret, replica.clock.now(), stepsAway),
    liveSessions: () => replica.sessionRows.countLive(ada.account.id, replica.clock.now()),
  };
}

const REFUSED = new ServiceError('UNAUTHENTICATED', 'mfa_refused');

type Attempt = (world: World) => Promise<readonly [token: string, code: string, method?: string]>;

describe('SecondFactorLoginService', () => {
  const tokenOf = (world: World) => challengeOf(world, world.ada);

  it.each<readonly [name: string, reason: string, attempt: Attempt]>([
    ['an empty token', 'mfa_challenge_refused', async ({ code }) => ['', code()]],
    ['a token nobody has', 'mfa_challenge_refused', async ({ code }) => [newMfaToken(), code()]],
    [
      'the name of an interaction',
      'mfa_challenge_refused',
      async ({ code }) => ['interaction:x', code()],
    ],
    [
      'a challenge that is past its end',
      'mfa_challenge_refused',
      async (world) => {
        const token = await tokenOf(world);
        world.clock.advance({ seconds: 300 });
        return [token, world.code()];
      },
    ],
    [
      'a challenge that was met',
      'mfa_challenge_refused',
      async (world) => {
        const token = await tokenOf(world);
        await world.enter(token, world.code());
        world.clock.advance({ seconds: 30 });
        return [token, world.code()];
      },
    ],
    [
      'a challenge after five wrong codes',
      'mfa_challenge_refused',
      async (world) => {
        const token = await tokenOf(world);
        for (let tries = 0; tries < 5; tries += 1) {
          await expect(world.enter(token, '000000')).rejects.toEqual(REFUSED);
        }
        world.events.clear();
        return [token, world.code()];
      },
    ],
    ['no code', 'totp_code_refused', async (world) => [await tokenOf(world), '']],
    [
      'a code two steps old',
      'totp_code_refused',
      async (world) => [await tokenOf(world), world.code(-2)],
    ],
    [
      'a code two steps ahead',
      'totp_code_refused',
      async (world) => [await tokenOf(world), world.code(2)],
    ],
    [
      'the code of another account',
      'totp_code_refused',
      async (world) => {
        const eve = await newEnrolled(world);
        return [await tokenOf(world), codeAt(eve.secret, world.clock.now())];
      },
    ],
    [
      'a code that was used with another challenge',
      'totp_code_replayed',
      async (world) => {
        await world.enter(await tokenOf(world), world.code());
        world.events.clear();
        return [await tokenOf(world), world.code()];
      },
    ],
    [
      'an older code than the last that was used',
      'totp_code_replayed',
      async (world) => {
        await world.enter(await tokenOf(world), world.code(1));
        world.events.clear();
        return [await tokenOf(world), world.code()];
      },
    ],
    [
      'the code that confirmed the app',
      'totp_code_replayed',
      async (world) => [await tokenOf(world), world.code(-1)],
    ],
    [
      'a recovery code of nobody',
      'recovery_code_refused',
      async (world) => [await tokenOf(world), 'K7QD-92MX-4TRA', 'recovery_code'],
    ],
    [
      'a recovery code of another account',
      'recovery_code_refused',
      async (world) => {
        const eve = await newEnrolled(world);
        return [await tokenOf(world), eve.recoveryCodes[0] ?? '', 'recovery_code'];
      },
    ],
    [
      'a recovery code that was used',
      'recovery_code_refused',
      async (world) => {
        const [code = ''] = world.ada.recoveryCodes;
        await world.enter(await tokenOf(world), code, 'recovery_code');
        world.events.clear();
        return [await tokenOf(world), code, 'recovery_code'];
      },
    ],
    [
      'a recovery code as one of an app',
      'totp_code_refused',
      async (world) => [await tokenOf(world), world.ada.recoveryCodes[0] ?? '', 'totp'],
    ],
    [
      'a code of the app as a recovery code',
      'recovery_code_refused',
      async (world) => [await tokenOf(world), world.code(), 'recovery_code'],
    ],
    [
      'a method there is not',
      'mfa_method_unknown',
      async (world) => [await tokenOf(world), world.code(), 'email'],
    ],
    [
      'an account that was locked meanwhile',
      'account_changed',
      async (world) => {
        const token = await tokenOf(world);
        await world.control.lock(world.ada.account.id, undefined);
        world.events.clear();
        return [token, world.code()];
      },
    ],
    [
      'an account whose password was changed meanwhile',
      'account_changed',
      async (world) => {
        const principal = await signedIn(world, world.ada.account);
        const token = await tokenOf(world);
        const passwords = {
          currentPassword: PASSWORD,
          newPassword: randomBytes(12).toString('hex'),
        };
        await world.passwordChange.change(principal, { ...ORIGIN, ...passwords });
        world.events.clear();
        return [token, world.code()];
      },
    ],
    [
      'an account whose recovery codes were made anew meanwhile',
      'account_changed',
      async (world) => {
        const principal = await signedIn(world, world.ada.account);
        const token = await tokenOf(world);
        await world.own.regenerate(principal, CLIENT_ADDRESS);
        world.events.clear();
        return [token, world.code()];
      },
    ],
  ])('refuses %s like every other, and opens nothing', async (_name, reason, attempt) => {
    const world = await setUp();
    const presented = await attempt(world);
    const live = await world.liveSessions();
    await expect(world.enter(...presented)).rejects.toEqual(REFUSED);
    expect(world.events.refusals.at(-1)).toBe(reason);
    expect(await world.liveSessions()).toBe(live);
  });

  it('counts every code against account and address before it is looked at', async () => {
    const world = await setUp();
    const token = await tokenOf(world);
    world.throttle.refusal = new ServiceError('RESOURCE_EXHAUSTED', 'too_many_attempts');
    await expect(world.enter(token, world.code())).rejects.toBe(world.throttle.refusal);
    world.throttle.refusal = undefined;
    await expect(world.enter(token, world.code())).resolves.toBeDefined();
    const attempt = { email: world.ada.account.email, clientAddress: CLIENT_ADDRESS };
    expect(world.throttle.admitted.at(-1)).toEqual({ action: 'second_factor', ...attempt });
    expect(world.throttle.forgotten.at(-1)).toEqual({ action: 'second_factor', ...attempt });
  });

  it.each([
    ['one challenge', 1],
    ['several challenges', 5],
  ])('lets one in of five that use a code at once, with %s', async (_name, challenges) => {
    const world = await setUp();
    const tokens = await Promise.all(Array.from({ length: challenges }, () => tokenOf(world)));
    const live = await world.liveSessions();
    const code = world.code();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 }, (_, index) => world.enter(tokens[index % challenges] ?? '', code)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toEqual(REFUSED);
    }
    expect(await world.liveSessions()).toBe(live + 1);
  });

  it('lets one in of five that use a recovery code at once', async () => {
    const world = await setUp();
    const tokens = await Promise.all(Array.from({ length: 5 }, () => tokenOf(world)));
    const [code = ''] = world.ada.recoveryCodes;
    const outcomes = await Promise.allSettled(
      tokens.map((token) => world.enter(token, code, 'recovery_code')),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await world.codes.countLeft(world.ada.account.id)).toBe(9);
  });

  it('takes no more than five of many codes given at once', async () => {
    const world = await setUp();
    const token = await tokenOf(world);
    await Promise.allSettled(Array.from({ length: 20 }, () => world.enter(token, '000000')));
    const looked = world.events.refusals.filter((reason) => reason === 'totp_code_refused');
    expect(looked).toHaveLength(5);
    await expect(world.enter(token, world.code())).rejects.toEqual(REFUSED);
  });

  it('uses up no code when the session does not open', async () => {
    const world = await setUp();
    const token = await tokenOf(world);
    const openWith = jest.spyOn(world.sessions, 'openWith').mockResolvedValueOnce(undefined);
    await expect(world.enter(token, world.code())).rejects.toEqual(REFUSED);
    openWith.mockRestore();
    await expect(world.enter(token, world.code())).resolves.toBeDefined();
  });

  it('repeats with the key that signs now', async () => {
    const world = await setUp();
    const token = await tokenOf(world);
    jest.spyOn(world.sessions, 'openWith').mockResolvedValueOnce('key_changed');
    await expect(world.enter(token, world.code())).resolves.toBeDefined();
  });

  it.each([
    ['totp', ['pwd', 'otp', 'mfa'], ['mfa_succeeded']],
    ['recovery_code', ['pwd', 'mfa'], ['recovery_code_used', 'mfa_succeeded']],
  ])('lets in with %s, and says so in its tokens', async (method, amr, reasons) => {
    const world = await setUp();
    const token = await tokenOf(world);
    world.events.clear();
    const [recoveryCode = ''] = world.ada.recoveryCodes;
    const code = method === 'totp' ? world.code() : recoveryCode;
    const tokens = await world.secondFactor.logIn(token, { ...ORIGIN, method, code });

    const acr = 'urn:sallyport:acr:mfa';
    expect(await world.verify(tokens.accessToken)).toMatchObject({ acr, amr });
    const next = await world.sessions.refresh(tokens.refreshToken, ORIGIN);
    expect(await world.verify(next.accessToken)).toMatchObject({ acr, amr });
    const principal = world.ada.account.id;
    expect(world.events.all).toEqual(
      reasons.map((reason) => ({
        type: 'authentication',
        outcome: 'succeeded',
        reason,
        principal,
        clientAddress: CLIENT_ADDRESS,
      })),
    );
  });
});
