import { RepeatedPasses } from '@sallyport/nest-zero-trust';
import { createLogger } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import { openAuthDatabase, openSession, ORIGIN, replicaOf } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { SESSION_LIFETIME_SECONDS } from './session';
import { STRICT_SESSION_POLICY } from './session-policy';
import { SessionPruning } from './session-pruning';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

async function setUp() {
  const replica = await replicaOf(database);
  const lines: string[] = [];
  const logger = createLogger({
    service: 'auth-service',
    level: 'info',
    destination: { write: (line) => lines.push(line) },
  });
  const prune = (sessions = replica.sessionRows) =>
    new RepeatedPasses(
      new SessionPruning(sessions, replica.revocationRows, replica.clock.now),
      logger,
    ).pass();
  return { ...replica, lines, prune };
}

const count = async (table: 'sessions' | 'rotated_tokens'): Promise<number> =>
  (await database.db.selectFrom(table).selectAll().execute()).length;

describe('SessionPruning', () => {
  it('leaves a line in the log when it cannot, and does not reject', async () => {
    const { prune, sessionRows, lines } = await setUp();
    const broken = Object.assign(Object.create(sessionRows) as typeof sessionRows, {
      removeExpired: () => Promise.reject(new Error('gone')),
    });
    await expect(prune(broken)).resolves.toBeUndefined();
    expect(lines.join()).toContain('"event":"session_pruning_failed"');
  });

  it('removes sessions at their end with all their tokens, and no other', async () => {
    const replica = await setUp();
    const { sessions, newAccount, clock, prune } = replica;
    const account = await newAccount();
    const first = await openSession(replica, account);
    await sessions.refresh(first.refreshToken, ORIGIN);
    clock.advance({ seconds: 1 });
    const second = await openSession(replica, account);
    await sessions.refresh(second.refreshToken, ORIGIN);
    expect(await count('sessions')).toBe(2);

    clock.advance({ seconds: SESSION_LIFETIME_SECONDS - 1 });
    await prune();
    expect(await count('sessions')).toBe(1);
    expect(await count('rotated_tokens')).toBe(1);

    clock.advance({ seconds: 1 });
    await Promise.all([prune(), prune()]);
    expect(await count('sessions')).toBe(0);
    expect(await count('rotated_tokens')).toBe(0);
  });

  it('removes more than one batch', async () => {
    const { newAccount, clock, prune } = await setUp();
    const { id } = await newAccount();
    const rows = Array.from({ length: 1_100 }, (_, index) => ({
      account_id: id,
      current_token: Buffer.alloc(32).fill(String(index)),
      acr: 'none',
      amr: ['pwd'],
      authenticated_at: clock.now(),
      created_at: clock.now(),
      expires_at: new Date(clock.now().getTime() + 1),
      ended_at: null,
      end_reason: null,
    }));
    rows.forEach((row, index) => row.current_token.writeUInt32BE(index));
    await database.db.insertInto('sessions').values(rows).execute();
    clock.advance({ seconds: 1 });
    await prune();
    expect(await count('sessions')).toBe(0);
  });

  it('removes the records of revocations that have no effect any more, once they were published', async () => {
    const { newAccount, clock, prune, revocationRows, sessions, ...replica } = await setUp();
    const account = await newAccount();
    for (let number = 0; number < 2; number += 1) {
      const { refreshToken } = await openSession({ sessions }, account);
      await sessions.logOut(refreshToken, ORIGIN);
    }
    const [published] = await revocationRows.due(10);
    await revocationRows.markPublished([published?.recordId ?? '']);
    clock.advance({ seconds: 959 });
    await prune();
    expect(await revocationRows.inForce(undefined, 10)).toHaveLength(2);
    clock.advance({ seconds: 1 });
    await prune();
    expect(replica.feed.published).toHaveLength(2);
    const rows = await database.db.selectFrom('revocations').selectAll().execute();
    expect(rows.map((row) => row.published_at)).toEqual([null]);
  });

  it('forgets successors that no grace hands out any more', async () => {
    const policy = { ...STRICT_SESSION_POLICY, refreshGraceSeconds: 10 };
    const replica = await replicaOf(database, undefined, policy);
    const { refreshToken } = await openSession(replica, await replica.newAccount());
    await replica.sessions.refresh(refreshToken, ORIGIN);
    const sealed = async () => {
      const rows = database.db.selectFrom('rotated_tokens').select('sealed_successor');
      return (await rows.where('sealed_successor', 'is not', null).execute()).length;
    };
    await replica.sessionRows.closeGraces(replica.clock.now());
    expect(await sealed()).toBe(1);
    replica.clock.advance({ seconds: 21 });
    await replica.sessionRows.closeGraces(replica.clock.now());
    expect(await sealed()).toBe(0);
  });
});
