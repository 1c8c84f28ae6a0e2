import { createDatabase } from '@sallyport/persistence';
import { sql } from 'kysely';
import { openChain, SERVICE, unchained, type ChainForTests } from '../audit.fixture';
import { hashOf, hashOfName, type ChainHead } from '../chain/chain-hash';
import { auditTablesOf } from '../recording/open-audit';
import { ChainAppender } from './chain-appender';
import type { ChainFault } from './diagnose';
import { readHead } from './read-head';
import { verifyChain } from './verify-chain';

jest.setTimeout(30_000);

let chain: ChainForTests;
beforeEach(async () => {
  chain = await openChain();
});
afterEach(() => chain.database.close());

/** Ten rows: the first says that the chain has started. */
async function fill(): Promise<void> {
  const appender = new ChainAppender(chain.db, () => new Date());
  await appender.append(['a', 'b', 'c', 'd'].map((reason) => unchained(reason)));
  await appender.append(['e', 'f', 'g', 'h', 'i'].map((reason) => unchained(reason)));
}

/** What somebody can do who owns the tables. */
async function tamper(statements: string): Promise<void> {
  await sql.raw('ALTER TABLE security_events DISABLE TRIGGER append_only').execute(chain.db);
  for (const statement of statements.split(';')) await sql.raw(statement).execute(chain.db);
}

const verify = (expectedHead?: ChainHead) =>
  verifyChain(chain.db, { service: SERVICE, expectedHead, pageSize: 3 });

const COLUMNS =
  'recorded_at, type, outcome, reason, correlation_id, caller, principal, session, api_key_id, target, ' +
  'client_address, client_port, lost_events, certificate, previous_hash, hash';

const NO_PLACE = `ALTER TABLE security_events DROP CONSTRAINT security_events_pkey;
  ALTER TABLE security_events ALTER COLUMN seq DROP NOT NULL`;

describe('verifyChain finds', () => {
  it.each<readonly [what: string, statements: string, fault: ChainFault]>([
    ['an altered field', `UPDATE security_events SET reason = 'x' WHERE seq = 5`, altered(5)],
    [
      'a field taken out',
      'UPDATE security_events SET correlation_id = NULL WHERE seq = 5',
      altered(5),
    ],
    ['a field put in', `UPDATE security_events SET caller = '' WHERE seq = 5`, altered(5)],
    [
      'a certificate put in',
      `UPDATE security_events SET certificate = 'x' WHERE seq = 5`,
      altered(5),
    ],
    [
      'a time moved by a millisecond',
      `UPDATE security_events SET recorded_at = recorded_at + interval '1 ms' WHERE seq = 5`,
      altered(5),
    ],
    ...['recorded_at', 'previous_hash', 'hash'].map(
      (column) =>
        [
          `a row without ${column}`,
          `ALTER TABLE security_events ALTER COLUMN ${column} DROP NOT NULL;
           UPDATE security_events SET ${column} = NULL WHERE seq = 5`,
          altered(5),
        ] as const,
    ),
    [
      'a time that is none',
      `UPDATE security_events SET recorded_at = 'infinity' WHERE seq = 5`,
      altered(5),
    ],
    [
      'a head without a hash',
      `ALTER TABLE security_event_chain ALTER COLUMN hash DROP NOT NULL;
       UPDATE security_event_chain SET hash = NULL`,
      mismatch(0),
    ],
    ['an altered hash', `UPDATE security_events SET hash = sha256('x') WHERE seq = 5`, altered(5)],
    [
      'an altered hash of the row before',
      `UPDATE security_events SET previous_hash = sha256('x') WHERE seq = 5`,
      altered(5),
    ],
    ['an altered first row', `UPDATE security_events SET type = 'x' WHERE seq = 1`, altered(1)],
    ['an altered last row', `UPDATE security_events SET type = 'x' WHERE seq = 10`, altered(10)],
    ['a first row that is gone', 'DELETE FROM security_events WHERE seq = 1', missing(1)],
    ['a row that is gone', 'DELETE FROM security_events WHERE seq = 5', missing(5)],
    ['rows that are gone', 'DELETE FROM security_events WHERE seq BETWEEN 5 AND 7', missing(5)],
    ['a last row that is gone', 'DELETE FROM security_events WHERE seq = 10', missing(10)],
    ['that all rows are gone', 'TRUNCATE security_events', missing(1)],
    [
      'a row that is gone, the rest moved up',
      `DELETE FROM security_events WHERE seq = 5;
       UPDATE security_events SET seq = -seq WHERE seq > 5;
       UPDATE security_events SET seq = -seq - 1 WHERE seq < 0;
       UPDATE security_event_chain SET seq = 9`,
      missing(5),
    ],
    [
      'a copy of a row that was put in, the rest moved down',
      `UPDATE security_events SET seq = -seq WHERE seq >= 5;
       UPDATE security_events SET seq = -seq + 1 WHERE seq < 0;
       INSERT INTO security_events SELECT 5, ${COLUMNS} FROM security_events WHERE seq = 4;
       UPDATE security_event_chain SET seq = 11`,
      { kind: 'inserted', seq: 5 },
    ],
    [
      'a row behind the last',
      `INSERT INTO security_events SELECT 11, ${COLUMNS} FROM security_events WHERE seq = 4`,
      { kind: 'inserted', seq: 11 },
    ],
    [
      'a row before the first',
      `INSERT INTO security_events SELECT 0, ${COLUMNS} FROM security_events WHERE seq = 4`,
      { kind: 'inserted', seq: 0 },
    ],
    // With pages of three rows, rows 3 and 6 are the last of theirs.
    ...[1, 3, 5, 6, 10].map(
      (seq) =>
        [
          `a second row ${seq}, without the primary key`,
          `ALTER TABLE security_events DROP CONSTRAINT security_events_pkey;
           INSERT INTO security_events (seq, recorded_at, type, outcome, reason, previous_hash, hash)
           VALUES (${seq}, now(), 'account', 'succeeded', 'forged', '', decode(repeat('ff', 40), 'hex'))`,
          { kind: 'inserted', seq },
        ] as const,
    ),
    [
      'the last row of a page twice, byte for byte',
      `ALTER TABLE security_events DROP CONSTRAINT security_events_pkey;
       INSERT INTO security_events SELECT * FROM security_events WHERE seq = 3`,
      { kind: 'inserted', seq: 3 },
    ],
    [
      'a second row in a table that inherits',
      `CREATE TABLE more () INHERITS (security_events);
       INSERT INTO more SELECT * FROM security_events WHERE seq = 3`,
      { kind: 'inserted', seq: 3 },
    ],
    [
      'a row without a place',
      `${NO_PLACE};
       INSERT INTO security_events SELECT NULL, ${COLUMNS} FROM security_events WHERE seq = 10`,
      { kind: 'inserted', seq: null },
    ],
    [
      'a row whose place was taken from it',
      `${NO_PLACE}; UPDATE security_events SET seq = NULL WHERE seq = 10`,
      missing(10),
    ],
    [
      'two rows that changed places',
      `UPDATE security_events SET seq = -5 WHERE seq = 5;
       UPDATE security_events SET seq = 5 WHERE seq = 6;
       UPDATE security_events SET seq = 6 WHERE seq = -5`,
      missing(5),
    ],
    ['another head', `UPDATE security_event_chain SET hash = sha256('x')`, mismatch(10)],
    [
      'a head further back',
      'UPDATE security_event_chain SET seq = 9',
      { kind: 'inserted', seq: 10 },
    ],
    ['a head further on', 'UPDATE security_event_chain SET seq = 12', missing(11)],
    ['that there is no head', 'DELETE FROM security_event_chain', mismatch(0)],
    [
      'another chain id',
      'UPDATE security_event_chain SET chain_id = gen_random_uuid()',
      altered(1),
    ],
  ])('%s', async (_what, statements, fault) => {
    await fill();
    expect((await verify()).fault).toBeUndefined();
    await tamper(statements);
    const report = await verify();
    expect(report.fault).toEqual(fault);
    expect(report.rows).toBeLessThanOrEqual(10);
  });

  it('a row that was put in with hashes of its own', async () => {
    await fill();
    const { hash: before } = await chain.db
      .selectFrom('security_events')
      .select('hash')
      .where('seq', '=', 4)
      .executeTakeFirstOrThrow();
    await tamper(`UPDATE security_events SET seq = -seq WHERE seq >= 5;
                  UPDATE security_events SET seq = -seq + 1 WHERE seq < 0;
                  UPDATE security_event_chain SET seq = 11`);
    const forged = { ...unchained('forged'), seq: 5 };
    const row = { ...forged, previous_hash: before, hash: hashOf(before, forged) };
    await chain.db.insertInto('security_events').values(row).execute();
    expect((await verify()).fault).toEqual({ kind: 'inserted', seq: 5 });
  });

  it('a row that the index of places does not have', async () => {
    await fill();
    const server = new URL(process.env['SALLYPORT_TEST_POSTGRES_URL'] ?? '');
    server.pathname = new URL(chain.url).pathname;
    const administrator = createDatabase({ url: server.href, applicationName: 'spec' });
    for (const statement of [
      `UPDATE pg_index SET indisready = false WHERE indexrelid = 'security_events_pkey'::regclass`,
      `INSERT INTO security_events SELECT 10, ${COLUMNS} FROM security_events WHERE seq = 4`,
      `UPDATE pg_index SET indisready = true WHERE indexrelid = 'security_events_pkey'::regclass`,
    ]) {
      await sql.raw(statement).execute(administrator.db);
    }
    await administrator.close();
    // So is a long chain read.
    const byIndex = `${chain.url}?options=${encodeURIComponent('-c enable_seqscan=off')}`;
    const reader = createDatabase({ url: byIndex, applicationName: 'spec' });
    const { fault } = await verifyChain(auditTablesOf(reader), { service: SERVICE });
    await reader.close();
    expect(fault).toEqual({ kind: 'inserted', seq: null });
  });

  it('a row whose hash was computed anew', async () => {
    await fill();
    const row = await chain.db
      .selectFrom('security_events')
      .selectAll()
      .where('seq', '=', 5)
      .executeTakeFirstOrThrow();
    const hash = hashOf(row.previous_hash, { ...row, reason: 'harmless' });
    await tamper(`UPDATE security_events SET reason = 'harmless',
                  hash = '\\x${hash.toString('hex')}' WHERE seq = 5`);
    expect((await verify()).fault).toEqual(altered(5));
  });

  it('the chain of another service', async () => {
    await fill();
    const report = await verifyChain(chain.db, { service: 'gateway' });
    expect(report).toMatchObject({ rows: 0, fault: altered(1) });
  });
});

describe('verifyChain with a remembered head', () => {
  it('finds that an older copy was restored, which is sound in itself', async () => {
    const appender = new ChainAppender(chain.db, () => new Date());
    await appender.append([unchained('a')]);
    const older = await readHead(chain.db);
    await appender.append([unchained('b')]);
    const remembered = await readHead(chain.db);
    await tamper(`DELETE FROM security_events WHERE seq = 3;
                  UPDATE security_event_chain SET seq = 2,
                         hash = '\\x${older?.hash.toString('hex') ?? ''}'`);
    expect((await verify()).fault).toBeUndefined();
    expect((await verify(remembered)).fault).toEqual(mismatch(3));
  });

  it('finds that all was written anew', async () => {
    await fill();
    const remembered = await readHead(chain.db);
    const chainId = remembered?.chainId ?? '';
    await tamper(`TRUNCATE security_events;
                  UPDATE security_event_chain SET seq = 0,
                         hash = '\\x${hashOfName(SERVICE, chainId).toString('hex')}'`);
    await fill();
    await new ChainAppender(chain.db, () => new Date()).append([unchained('more')]);
    expect((await verify()).fault).toBeUndefined();
    expect((await verify(remembered)).fault).toEqual(mismatch(10));
  });

  it('finds nothing while the chain has only grown', async () => {
    expect(await verify()).toMatchObject({ rows: 0, head: { seq: 0 }, fault: undefined });
    await fill();
    const remembered = await readHead(chain.db);
    await fill();
    const report = await verify(remembered);
    expect(report).toMatchObject({ rows: 19, head: { seq: 19 }, fault: undefined });
  });
});

function altered(seq: number): ChainFault {
  return { kind: 'altered', seq };
}

function missing(seq: number): ChainFault {
  return { kind: 'missing', seq };
}

function mismatch(seq: number): ChainFault {
  return { kind: 'head_mismatch', seq };
}
