import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { openChain, SERVICE, unchained, type ChainForTests } from '../audit.fixture';
import { formatHead } from '../chain/chain-hash';
import { ChainAppender } from './chain-appender';
import { readHead } from './read-head';
import { verifyChain } from './verify-chain';

const [byHand = '', lock = '', archive = ''] = [
  ...readFileSync(join(__dirname, '../../../../docs/audit.md'), 'utf8').matchAll(
    /^```sql\n([^]*?)^```$/gm,
  ),
].map(([, statement]) => statement ?? '');

let chain: ChainForTests;
beforeEach(async () => {
  chain = await openChain();
  const text = { target: 'GET /ü/:id', caller: '', clientPort: 443 };
  await new ChainAppender(chain.db, () => new Date()).append(
    ['a', 'b', 'c'].map((reason) => unchained(reason, text)),
  );
});
afterEach(() => chain.database.close());

async function run(statements: string): Promise<readonly { readonly seq: number | null }[]> {
  return (await chain.database.pool.query<{ readonly seq: number | null }>(statements)).rows;
}

describe('the statement of docs/audit.md', () => {
  it.each<readonly [statement: string, seqs: readonly (number | null)[]]>([
    [`UPDATE security_events SET target = 'GET /u/:id' WHERE seq = 3`, [3]],
    ['UPDATE security_events SET caller = NULL WHERE seq = 3', [3]],
    [`UPDATE security_events SET recorded_at = recorded_at + interval '1 ms' WHERE seq = 1`, [1]],
    [`UPDATE security_events SET hash = sha256('x') WHERE seq = 2`, [2, 3]],
    ['DELETE FROM security_events WHERE seq = 2', [3]],
    [
      `ALTER TABLE security_events DROP CONSTRAINT security_events_pkey;
       INSERT INTO security_events SELECT * FROM security_events WHERE seq = 4`,
      [4],
    ],
    [
      `ALTER TABLE security_events DROP CONSTRAINT security_events_pkey;
       ALTER TABLE security_events ALTER COLUMN seq DROP NOT NULL;
       INSERT INTO security_events
              (recorded_at, type, outcome, reason, previous_hash, hash)
       SELECT recorded_at, 'account', 'succeeded', 'forged', hash, sha256(hash) FROM security_events WHERE seq = 4`,
      [null],
    ],
    ['UPDATE security_event_chain SET chain_id = gen_random_uuid()', [1]],
  ])('finds by hand what this did: %s', async (statement, seqs) => {
    expect(await run(byHand)).toEqual([]);
    await run('ALTER TABLE security_events DISABLE TRIGGER append_only');
    await run(statement);
    expect((await run(byHand)).map(({ seq }) => seq)).toEqual(seqs);
  });
});

describe('the archiving of docs/audit.md', () => {
  it('leaves a new chain whose first row names the head of the old one', async () => {
    const old = await readHead(chain.db);
    expect(lock).toMatch(/^BEGIN;\nSELECT .* FOR UPDATE;\n$/s);
    await run(lock + archive);
    const empty = await verifyChain(chain.db, { service: SERVICE });
    expect(empty).toMatchObject({ rows: 0, fault: undefined });

    await new ChainAppender(chain.db, () => new Date()).append([unchained('d')]);
    const [first] = await chain.db
      .selectFrom('security_events')
      .select(['seq', 'reason', 'target'])
      .orderBy('seq')
      .execute();
    const target = `${old?.chainId ?? ''}:${old ? formatHead(old) : ''}`;
    expect(first).toEqual({ seq: 1, reason: 'chain_started', target });
    expect(await verifyChain(chain.db, { service: SERVICE })).toMatchObject({
      rows: 2,
      fault: undefined,
    });
    await expect(sql`DELETE FROM security_events`.execute(chain.db)).rejects.toMatchObject({
      code: '42501',
    });
  });
});
