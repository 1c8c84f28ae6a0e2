import type { Database } from '@sallyport/persistence';
import { FakeClock } from '@sallyport/testing';
import fc from 'fast-check';
import { PASSWORD_AUTHENTICATION } from '../accounts/credentials';
import { CLIENT_ADDRESS, openAuthDatabase, replicaOf } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { refreshTokenDigest } from './refresh-token';
import type { RefreshToken } from './refresh-token';
import { SESSION_LIFETIME_SECONDS } from './session';
import { ordersOf, presentAll } from './session-family.fixture';
import type { Act, Family, Outcome } from './session-family.fixture';

/** Tokens presented at once, then a pause. */
interface Step {
  /** `age` 0 is the current token of the family, 1 the one before it, and so on. */
  readonly presented: readonly { readonly act: Act; readonly age: number }[];
  readonly pauseSeconds: number;
}

/** What a step has come to. */
interface Observation {
  readonly end: Family['end'];
  readonly outcomes: readonly Outcome[];
}

const mostly = <Value>(usual: fc.Arbitrary<Value>, rare: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 4, arbitrary: usual }, { weight: 1, arbitrary: rare });

const step: fc.Arbitrary<Step> = fc.record({
  presented: fc.array(
    fc.record({
      act: mostly<Act>(fc.constant('refresh'), fc.constant('logout')),
      age: mostly(fc.constant(0), fc.nat(3)),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  pauseSeconds: mostly(
    fc.constant(60),
    fc.constantFrom(SESSION_LIFETIME_SECONDS / 2, SESSION_LIFETIME_SECONDS),
  ),
});

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

/** Two replicas, and one session opened at the first. */
async function openFamily() {
  const clock = new FakeClock();
  const replicas = [await replicaOf(database, clock), await replicaOf(database, clock)] as const;
  const [{ sessions, newAccount }] = replicas;
  const opened = await sessions.open(await newAccount(), PASSWORD_AUTHENTICATION);
  const { id } = await database.db
    .selectFrom('sessions')
    .select('id')
    .where('current_token', '=', refreshTokenDigest(opened.refreshToken))
    .executeTakeFirstOrThrow();
  return {
    clock,
    opened,
    row: () =>
      database.db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
    replays: () =>
      replicas
        .flatMap(({ events }) => events.refusals)
        .filter((reason) => reason === 'refresh_token_replayed').length,
    /** Presents all tokens at once, to one replica and the other in turn. */
    async presentAtOnce(presented: readonly { readonly act: Act; readonly token: string }[]) {
      const successors: RefreshToken[] = [];
      const outcomes = await Promise.all(
        presented.map(async ({ act, token }, index): Promise<Outcome> => {
          const { sessions } = replicas[index % 2 === 0 ? 0 : 1];
          if (act === 'logout') {
            await sessions.logOut(token, CLIENT_ADDRESS);
            return 'logged out';
          }
          const tokens = await sessions.refresh(token, CLIENT_ADDRESS).catch(() => undefined);
          if (tokens) successors.push(tokens.refreshToken);
          return tokens ? 'exchanged' : 'refused';
        }),
      );
      return { outcomes, successors };
    },
  };
}

/** Whether presenting the tokens one by one, in some order, would have come to the same. */
function isExplained(
  family: Family,
  presented: readonly { readonly act: Act; readonly token: string }[],
  observed: Observation,
): boolean {
  return [...ordersOf([...presented.keys()])].some((order) => {
    const inOrder = order.flatMap((index) => presented[index] ?? []);
    const { end, outcomes } = presentAll(family, inOrder);
    const agrees = order.every((index, turn) => observed.outcomes[index] === outcomes[turn]);
    return agrees && end === observed.end;
  });
}

describe('sessions, whatever is presented at once and in whatever sequence', () => {
  it('behave as if every presentation had happened by itself', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (history) => {
        const { clock, opened, row, replays, presentAtOnce } = await openFamily();
        const issued: RefreshToken[] = [opened.refreshToken];
        let end: Family['end'] = null;

        for (const { presented, pauseSeconds } of history) {
          const current = issued.at(-1) ?? opened.refreshToken;
          const family = { current, rotated: issued.slice(0, -1), end };
          const tokens = presented.map(({ act, age }) => ({
            act,
            token: issued.at(-1 - age) ?? opened.refreshToken,
          }));
          const { outcomes, successors } = await presentAtOnce(tokens);
          const { end_reason, current_token } = await row();

          const observed: Observation = { end: end ?? end_reason, outcomes };
          expect({ ...observed, explained: isExplained(family, tokens, observed) }).toEqual({
            ...observed,
            explained: true,
          });
          expect(successors.length).toBeLessThanOrEqual(1);
          issued.push(...successors);
          expect(current_token).toEqual(refreshTokenDigest(issued.at(-1) ?? current));

          end = observed.end;
          clock.advance({ seconds: pauseSeconds });
          if (clock.now() >= opened.sessionExpiresAt) end ??= 'expired';
        }
        expect(replays()).toBe(end === 'refresh_token_replayed' ? 1 : 0);
      }),
      { numRuns: 200 },
    );
  }, 120_000);
});
