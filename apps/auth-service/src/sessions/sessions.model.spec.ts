/** @timed Thousands of histories on a real database. */
import { isDeepStrictEqual } from 'node:util';
import type { Database } from '@sallyport/persistence';
import { createPrincipal } from '@sallyport/principal';
import { FakeClock } from '@sallyport/testing';
import fc from 'fast-check';
import { accountsOf, tokensOf } from '../accounts/accounts.fixture';
import { openAuthDatabase, ORIGIN } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import type { IssuedTokens } from '../tokens/issued-tokens';
import { newRefreshToken, refreshTokenDigest } from './refresh-token';
import type { RefreshToken } from './refresh-token';
import { SESSION_LIFETIME_SECONDS } from './session';
import { STRICT_SESSION_POLICY } from './session-policy';
import { ordersOf, perform } from './sessions.model.fixture';
import type { AccountModel, Operation, Outcome } from './sessions.model.fixture';

const HISTORIES = 2_000;
/** Histories of accounts of their own do not touch each other, and both cores have something to do. */
const SIDE_BY_SIDE = 4;
const GRACE_SECONDS = 10;

/** What is done at once, then a step of the clock, which may be set back. Numbers point into what there is by then. */
interface Step {
  readonly acts: readonly {
    readonly act: Operation['act'];
    readonly session: number;
    readonly age: number;
  }[];
  readonly pauseSeconds: number;
}

const usually = <Value>(usual: fc.Arbitrary<Value>, rare: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 4, arbitrary: usual }, { weight: 1, arbitrary: rare });

const act = fc.oneof<fc.WeightedArbitrary<Operation['act']>[]>(
  { weight: 8, arbitrary: fc.constant('refresh' as const) },
  { weight: 2, arbitrary: fc.constantFrom('login' as const, 'logout' as const) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('revoke', 'endOne', 'endOthers', 'endAll', 'changePassword'),
  },
  { weight: 1, arbitrary: fc.constantFrom('lock' as const, 'unlock' as const) },
);

const step: fc.Arbitrary<Step> = fc.record({
  acts: fc.array(
    fc.record({
      act,
      session: usually(fc.constant(0), fc.nat(2)),
      age: usually(fc.constant(0), fc.nat(3)),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  pauseSeconds: usually(
    fc.constantFrom(0, 4, 60, -4),
    fc.constantFrom(GRACE_SECONDS, SESSION_LIFETIME_SECONDS / 2, SESSION_LIFETIME_SECONDS),
  ),
});

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

/** One account at two replicas, and the names of what they have handed out. */
class History {
  readonly #tokens = new Map<string, RefreshToken>();
  readonly #sessionIds = new Map<string, string>();
  model: AccountModel = { sessions: {}, isLocked: false, passwordVersion: 1 };

  private constructor(
    readonly clock: FakeClock,
    private readonly replicas: readonly Awaited<ReturnType<typeof accountsOf>>[],
    private readonly account: { readonly id: string; readonly email: string },
  ) {}

  static async begin(graceSeconds: number): Promise<History> {
    const clock = new FakeClock();
    const policy = { ...STRICT_SESSION_POLICY, refreshGraceSeconds: graceSeconds };
    const replicas = [
      await accountsOf(database, clock, policy),
      await accountsOf(database, clock, policy),
    ];
    const account = await replicas[0]?.newAccount({ passwordHash: hashOf(passwordOf(1)) });
    if (!account) throw new Error('no account');
    return new History(clock, replicas, account);
  }

  /** Does all at once, at one replica and the other in turn. */
  doAtOnce(operations: readonly Operation[]): Promise<readonly Outcome[]> {
    return Promise.all(operations.map((operation, index) => this.#do(operation, index)));
  }

  /** What the database says of the account and its sessions. */
  async stored(): Promise<unknown> {
    const { locked_at, password_version } = await database.db
      .selectFrom('accounts')
      .selectAll()
      .where('id', '=', this.account.id)
      .executeTakeFirstOrThrow();
    const rows = await database.db
      .selectFrom('sessions')
      .select(['id', 'current_token', 'end_reason'])
      .where('account_id', '=', this.account.id)
      .execute();
    const revoked = await database.db
      .selectFrom('revocations')
      .select('revoked_id')
      .where('kind', '=', 'session')
      .where('revoked_id', 'in', ['none', ...rows.map(({ id }) => id)])
      .execute();
    const names = new Map([...this.#sessionIds].map(([name, id]) => [id, name]));
    return {
      isLocked: locked_at !== null,
      passwordVersion: password_version,
      sessions: Object.fromEntries(
        rows.map(({ id, current_token, end_reason }) => [
          names.get(id),
          {
            end: end_reason,
            current: current_token?.toString('hex') ?? '',
            revocations: revoked.filter(({ revoked_id }) => revoked_id === id).length,
          },
        ]),
      ),
    };
  }

  /** What the database has to say if the model is right. */
  expected({ sessions, isLocked, passwordVersion }: AccountModel): unknown {
    return {
      isLocked,
      passwordVersion,
      sessions: Object.fromEntries(
        Object.entries(sessions).map(([name, { tokens, end }]) => [
          name,
          {
            end,
            current: refreshTokenDigest(this.#token(tokens.at(-1) ?? '')).toString('hex'),
            revocations: end === null ? 0 : 1,
          },
        ]),
      ),
    };
  }

  async #do(operation: Operation, index: number): Promise<Outcome> {
    const replica = this.replicas[index % this.replicas.length];
    if (!replica) throw new Error('no replica');
    const { email, id } = this.account;
    const { clientAddress } = ORIGIN;
    switch (operation.act) {
      case 'login': {
        const password = passwordOf(operation.passwordVersion);
        return this.#keep(
          operation.as,
          tokensOf(replica.login.logIn({ ...ORIGIN, email, password })),
        );
      }
      case 'refresh': {
        const token = this.#token(operation.token);
        const tokens = await settle(replica.sessions.refresh(token, ORIGIN));
        if (tokens === 'refused') return tokens;
        const isAgain = [...this.#tokens.values()].includes(tokens.refreshToken);
        if (!isAgain) this.#tokens.set(operation.as, tokens.refreshToken);
        return isAgain ? 'again' : 'done';
      }
      case 'logout':
        await replica.sessions.logOut(this.#token(operation.token), ORIGIN);
        return 'done';
      case 'revoke':
        await replica.tokenRevocation.revoke(this.#token(operation.token), ORIGIN);
        return 'done';
      case 'endOne':
      case 'endOthers': {
        const { ownSessions } = replica;
        const sessionId = this.#sessionIds.get(operation.session) ?? '';
        const ended: Promise<unknown> =
          operation.act === 'endOne'
            ? ownSessions.endOne(this.#principal(), sessionId, clientAddress)
            : ownSessions.endOthers(this.#principal(sessionId), clientAddress);
        return (await settle(ended)) === 'refused' ? 'refused' : 'done';
      }
      case 'endAll':
        await replica.ownSessions.endAll(this.#principal(), clientAddress);
        return 'done';
      case 'changePassword': {
        const { passwordVersion, session, as } = operation;
        const presented = {
          currentPassword: passwordOf(passwordVersion),
          newPassword: passwordOf(passwordVersion + 1),
          ...ORIGIN,
        };
        const principal = this.#principal(this.#sessionIds.get(session));
        return this.#keep(as, replica.passwordChange.change(principal, presented));
      }
      case 'lock':
        await replica.control.lock(id, undefined);
        return 'done';
      case 'unlock':
        await replica.control.unlock(id, undefined);
        return 'done';
    }
  }

  async #keep(name: string, issued: Promise<IssuedTokens>): Promise<Outcome> {
    const tokens = await settle(issued);
    if (tokens === 'refused') return tokens;
    this.#tokens.set(name, tokens.refreshToken);
    this.#sessionIds.set(name, sidOf(tokens.accessToken));
    return 'done';
  }

  #principal(sessionId?: string) {
    return createPrincipal({
      id: this.account.id,
      type: 'user',
      scopes: new Set<string>(),
      clientId: 'sallyport-web',
      sessionId,
    });
  }

  /** One that nobody was given stands for a name that came to nothing. */
  #token(name: string): RefreshToken {
    return this.#tokens.get(name) ?? newRefreshToken();
  }
}

async function settle<Value>(promise: Promise<Value>): Promise<Value | 'refused'> {
  try {
    return await promise;
  } catch (error) {
    const { status, reason } = error as { readonly status?: string; readonly reason?: string };
    // Anything but a decision is a defect.
    if (status !== 'UNAUTHENTICATED' && status !== 'NOT_FOUND') throw error;
    expect([
      'invalid_grant',
      'invalid_credentials',
      'session_ended',
      'session_not_found',
    ]).toContain(reason);
    return 'refused';
  }
}

const passwordOf = (version: number): string => `correct horse battery ${version}`;
const hashOf = (password: string): string => `$argon2id$current$${password}`;

function sidOf(accessToken: string): string {
  const [, payload = ''] = accessToken.split('.');
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sid: string }).sid;
}

/** Names what a step points at: a session, and one of the tokens it has had. */
function operationsOf(model: AccountModel, { acts }: Step, prefix: string): readonly Operation[] {
  const { passwordVersion } = model;
  const sessions = Object.entries(model.sessions).reverse();
  return acts.map(({ act, session: number, age }, index): Operation => {
    const as = `${prefix}.${index}`;
    const [session = 'none', { tokens } = { tokens: [] }] =
      sessions[number % sessions.length] ?? [];
    const token = tokens.at(-1 - age) ?? tokens[0] ?? 'none';
    switch (act) {
      case 'login':
        return { act, as, passwordVersion: Math.max(1, passwordVersion - (age > 1 ? 1 : 0)) };
      case 'refresh':
        return { act, as, token };
      case 'logout':
      case 'revoke':
        return { act, token };
      case 'endOne':
      case 'endOthers':
        return { act, session };
      case 'changePassword':
        return { act, as, session, passwordVersion };
      case 'endAll':
      case 'lock':
      case 'unlock':
        return { act };
    }
  });
}

async function check(steps: readonly Step[], graceSeconds: number): Promise<void> {
  const history = await History.begin(graceSeconds);
  const opening = { acts: [{ act: 'login', session: 0, age: 0 }], pauseSeconds: 0 } as const;
  for (const [number, each] of [opening, ...steps].entries()) {
    const operations = operationsOf(history.model, each, String(number));
    const surroundings = {
      now: history.clock.now().getTime(),
      lifetimeMs: SESSION_LIFETIME_SECONDS * 1000,
      graceMs: graceSeconds * 1000,
    };
    const observed = await history.doAtOnce(operations);

    // Whether doing them one by one, in some order, comes to the same answers and the same rows.
    const explanations: AccountModel[] = [];
    const stored = await history.stored();
    for (const order of ordersOf([...operations.keys()])) {
      let model = history.model;
      const outcomes = new Map<number, Outcome>();
      for (const index of order) {
        const operation = operations[index];
        if (!operation) continue;
        const [next, outcome] = perform(model, operation, surroundings);
        model = next;
        outcomes.set(index, outcome);
      }
      if (!observed.every((outcome, index) => outcome === outcomes.get(index))) continue;
      explanations.push(model);
    }
    const explanation = explanations.find((model) =>
      isDeepStrictEqual(history.expected(model), stored),
    );
    if (!explanation) {
      const [nearest] = explanations;
      expect({ operations, observed, stored }).toEqual({
        operations,
        observed: nearest ? observed : 'answers that some order gives',
        stored: nearest && history.expected(nearest),
      });
      throw new Error('no order explains what was observed');
    }
    history.model = explanation;
    history.clock.advance({ seconds: each.pauseSeconds });
  }
}

async function agreeIn(histories: number, graceSeconds: number, withinMs: number): Promise<void> {
  const seed = Number(process.env['SALLYPORT_MODEL_SEED'] ?? Date.now());
  const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) =>
    check(steps, graceSeconds),
  );
  const runs = Array.from({ length: SIDE_BY_SIDE }, (_, index) =>
    fc.assert(property, {
      numRuns: histories / SIDE_BY_SIDE,
      seed: seed + index,
      // Before Jest gives up, which would say nothing of the history that was found, nor of the seed.
      interruptAfterTimeLimit: withinMs * 0.9,
      markInterruptAsFailure: true,
    }),
  );
  await Promise.all(runs);
}

describe('an account and its sessions, whatever happens at once and in whatever sequence', () => {
  it(
    `agree with the model in ${HISTORIES} histories`,
    () => agreeIn(HISTORIES, 0, 900_000),
    900_000,
  );

  it(
    `agree with the model in ${HISTORIES / 4} histories with a grace`,
    () => agreeIn(HISTORIES / 4, GRACE_SECONDS, 300_000),
    300_000,
  );
});
