import { createLogger } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import { PASSWORD_AUTHENTICATION } from '../accounts/credentials';
import { CLIENT_ADDRESS, openAuthDatabase, replicaOf } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { SESSION_LIFETIME_SECONDS } from './session';
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
    new SessionPruning(sessions, replica.clock.now, logger).run();
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
    const { sessions, newAccount, clock, prune } = await setUp();
    const account = await newAccount();
    const first = await sessions.open(account, PASSWORD_AUTHENTICATION);
    await sessions.refresh(first.refreshToken, CLIENT_ADDRESS);
    clock.advance({ seconds: 1 });
    const second = await sessions.open(account, PASSWORD_AUTHENTICATION);
    await sessions.refresh(second.refreshToken, CLIENT_ADDRESS);
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
});
