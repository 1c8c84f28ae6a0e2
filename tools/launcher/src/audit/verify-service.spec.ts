import { auditTablesOf, ChainAppender, securityEventsMigration } from '@sallyport/audit';
import { createDatabase, migrateToLatest } from '@sallyport/persistence';
import { postgresForTests } from '@sallyport/testing';
import { sql } from 'kysely';
import { verifyService } from './verify-service';

const HASH = '[0-9a-f]{64}';

async function gatewayChain(statements: readonly string[] = []): Promise<string> {
  const url = await postgresForTests();
  const database = createDatabase({ url, applicationName: 'spec' });
  await migrateToLatest(database.db, { '0001-events': securityEventsMigration('gateway') });
  const event = {
    ...{ recorded_at: new Date(), type: 'token', outcome: 'refused', reason: 'token_expired' },
    ...{
      correlation_id: null,
      caller: null,
      principal: null,
      session: null,
      api_key_id: null,
      certificate: null,
    },
    ...{ target: null, client_address: null, client_port: null, lost_events: null },
  };
  const appender = new ChainAppender(auditTablesOf(database), () => new Date());
  await appender.append([event, event]);
  for (const statement of statements) await sql.raw(statement).execute(database.db);
  await database.close();
  return url;
}

const verify = async (url: string, head?: Parameters<typeof verifyService>[2]) => {
  const { isSound, line } = await verifyService('gateway', url, head);
  return [isSound, line] as const;
};

describe('verifyService', () => {
  it('says where a chain is broken', async () => {
    const url = await gatewayChain([
      'ALTER TABLE security_events DISABLE TRIGGER append_only',
      `UPDATE security_events SET reason = 'x' WHERE seq = 2`,
    ]);
    const line = new RegExp(
      `^gateway {10}BROKEN {2}at row 2: altered; 1 rows before it are sound, head 3:${HASH}$`,
    );
    expect(await verify(url)).toEqual([false, expect.stringMatching(line)]);
  });

  it('says that a row has no place', async () => {
    const url = await gatewayChain([
      'ALTER TABLE security_events DROP CONSTRAINT security_events_pkey',
      'ALTER TABLE security_events ALTER COLUMN seq DROP NOT NULL',
      `INSERT INTO security_events (recorded_at, type, outcome, reason, previous_hash, hash)
       VALUES (now(), 'account', 'succeeded', 'forged', '', '')`,
    ]);
    expect(await verify(url)).toEqual([
      false,
      expect.stringContaining('BROKEN  at row without seq: inserted; 3 rows'),
    ]);
  });

  it('says that a remembered head is not in it', async () => {
    const head = { seq: 2, hash: Buffer.alloc(32) };
    expect(await verify(await gatewayChain(), head)).toEqual([
      false,
      expect.stringContaining('BROKEN  at row 2: head_mismatch; 1 rows'),
    ]);
  });

  it('says that there is no chain, or no database', async () => {
    expect(await verify(await postgresForTests())).toEqual([
      false,
      'gateway          NOT VERIFIED  relation "security_event_chain" does not exist',
    ]);
    expect(await verify('postgres://u:secret@127.0.0.1:1/none')).toEqual([
      false,
      'gateway          NOT VERIFIED  the database cannot answer now',
    ]);
  });

  it('says how many rows are sound, and how far they go', async () => {
    const line = new RegExp(`^gateway {10}ok {6}3 rows, head 3:${HASH}$`);
    expect(await verify(await gatewayChain())).toEqual([true, expect.stringMatching(line)]);
  });
});
