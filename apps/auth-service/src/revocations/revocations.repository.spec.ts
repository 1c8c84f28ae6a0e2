import type { Database } from '@sallyport/persistence';
import { FakeClock } from '@sallyport/testing';
import { openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { KEY_REVOCATION_MEMORY_SECONDS, laterBy, recordRevocation } from './record-revocation';
import { RevocationsRepository } from './revocations.repository';

const MINUTE = 60;

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

beforeEach(() => database.db.deleteFrom('revocations').execute());

afterAll(() => database.close());

function setUp() {
  const clock = new FakeClock();
  const repository = new RevocationsRepository(database, clock.now);
  const record = (kind: 'session' | 'signing_key', revokedId: string) =>
    recordRevocation(database.db, {
      kind,
      revokedId,
      reason: 'test',
      recordedAt: clock.now(),
      ...(kind === 'signing_key' && {
        expiresAt: laterBy(clock.now(), KEY_REVOCATION_MEMORY_SECONDS),
      }),
    });
  const due = async () => (await repository.due(100)).map(({ revocation }) => revocation.id);
  const publishAll = async () => {
    const records = await repository.due(100);
    await repository.markPublished(records.map(({ recordId }) => recordId));
  };
  return { clock, repository, record, due, publishAll };
}

describe('RevocationsRepository', () => {
  it('has due what was never published, oldest first, and nothing else', async () => {
    const { record, due, publishAll } = setUp();
    await record('session', 'one');
    await record('session', 'two');
    expect(await due()).toEqual(['one', 'two']);
    await publishAll();
    expect(await due()).toEqual([]);
    await record('session', 'three');
    expect(await due()).toEqual(['three']);
  });

  it('has due what no publisher could deliver, however old', async () => {
    const { record, due, clock } = setUp();
    await record('session', 'old');
    clock.advance({ seconds: 60 * MINUTE });
    expect(await due()).toEqual(['old']);
  });

  it('has due again what outlives the feed, in time before it falls out, until its end', async () => {
    const { record, due, publishAll, clock } = setUp();
    await record('session', 'short');
    await record('signing_key', 'lasting');
    await publishAll();
    clock.advance({ seconds: 9 * MINUTE });
    expect(await due()).toEqual([]);
    clock.advance({ seconds: 2 * MINUTE });
    expect(await due()).toEqual(['lasting']);
    await publishAll();
    expect(await due()).toEqual([]);
    clock.advance({ seconds: KEY_REVOCATION_MEMORY_SECONDS });
    expect(await due()).toEqual([]);
  });

  it('pages through all that is in force', async () => {
    const { record, repository, clock } = setUp();
    await record('session', 'over');
    clock.advance({ seconds: 16 * MINUTE });
    for (let number = 0; number < 5; number += 1) await record('session', `s${number}`);
    const ids: string[] = [];
    let after: string | undefined;
    do {
      const page = await repository.inForce(after, 2);
      ids.push(...page.map(({ revocation }) => revocation.id));
      after = page.at(-1)?.recordId;
    } while (after !== undefined);
    expect(ids).toEqual(['s0', 's1', 's2', 's3', 's4']);
  });

  it('gives back what was recorded, in whole seconds', async () => {
    const { repository, clock } = setUp();
    const now = clock.now();
    const issuedBefore = new Date((clock.epochSeconds + 1) * 1000);
    const recorded = await recordRevocation(database.db, {
      kind: 'subject',
      revokedId: 'user',
      issuedBefore,
      reason: 'test',
      recordedAt: now,
    });
    expect(recorded.revocation).toEqual({
      kind: 'subject',
      id: 'user',
      issuedBefore: clock.epochSeconds + 1,
      expiresAt: clock.epochSeconds + 16 * MINUTE,
    });
    expect(await repository.due(1)).toEqual([recorded]);
  });
});
