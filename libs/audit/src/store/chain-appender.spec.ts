import { sql } from 'kysely';
import { openChain, SERVICE, unchained, type ChainForTests } from '../audit.fixture';
import { ChainAppender } from './chain-appender';
import { verifyChain } from './verify-chain';

jest.setTimeout(30_000);

let chain: ChainForTests;
beforeEach(async () => {
  chain = await openChain();
});
afterEach(() => chain.database.close());

const appenderOn = ({ db }: ChainForTests) => new ChainAppender(db, () => new Date());

async function reasons(): Promise<readonly string[]> {
  const rows = await chain.db
    .selectFrom('security_events')
    .select('reason')
    .orderBy('seq')
    .execute();
  return rows.map(({ reason }) => reason);
}

describe('the table of events refuses its owner', () => {
  it.each([
    `UPDATE security_events SET reason = 'x'`,
    'UPDATE security_events SET reason = reason WHERE seq = 99',
    'DELETE FROM security_events WHERE seq = 1',
    'TRUNCATE security_events',
    `INSERT INTO security_events SELECT * FROM security_events WHERE seq = 1
     ON CONFLICT (seq) DO UPDATE SET reason = 'x'`,
  ])('%s', async (statement) => {
    await appenderOn(chain).append([unchained('a')]);
    await expect(sql.raw(statement).execute(chain.db)).rejects.toMatchObject({
      code: '42501',
      message: 'security_events is append-only',
    });
    expect(await reasons()).toEqual(['chain_started', 'a']);
  });
});

describe('an append', () => {
  it('that failed as a whole leaves nothing', async () => {
    const broken = { ...unchained('b'), client_port: 2 ** 40 };
    await expect(appenderOn(chain).append([unchained('a'), broken])).rejects.toThrow();
    expect(await reasons()).toEqual([]);
  });

  it('whose answer was lost is not done twice', async () => {
    const appender = appenderOn(chain);
    await appender.append([unchained('a')]);
    loseNextCommit();
    const rows = [unchained('b'), unchained('c')];
    await expect(appender.append(rows)).rejects.toThrow('the answer is lost');
    await appender.append(rows);
    await appender.append([unchained('d')]);
    expect(await reasons()).toEqual(['chain_started', 'a', 'b', 'c', 'd']);
  });

  it('that may have been done, and was not, is done', async () => {
    const appender = appenderOn(chain);
    await expect(appender.append([{ ...unchained('a'), client_port: 2 ** 40 }])).rejects.toThrow();
    await appender.append([unchained('a')]);
    expect(await reasons()).toEqual(['chain_started', 'a']);
  });

  it('of eight replicas at once leaves one chain without a gap', async () => {
    const replicas = await Promise.all(Array.from({ length: 8 }, () => openChain(chain.url)));
    await Promise.all(
      replicas.map(async (replica, number) => {
        const appender = appenderOn(replica);
        for (let turn = 0; turn < 10; turn += 1) {
          await appender.append([
            unchained(`${number}.${turn}.a`),
            unchained(`${number}.${turn}.b`),
          ]);
        }
      }),
    );
    await Promise.all(replicas.map(({ database }) => database.close()));
    const report = await verifyChain(chain.db, { service: SERVICE });
    expect(report).toMatchObject({ rows: 161, head: { seq: 161 }, fault: undefined });
    const found = await reasons();
    expect(found[0]).toBe('chain_started');
    const turns = Array.from({ length: 10 }, (_, turn) => [`3.${turn}.a`, `3.${turn}.b`]).flat();
    expect(found.filter((reason) => reason.startsWith('3.'))).toEqual(turns);
  });
});

/** The database commits, and nobody hears of it. */
function loseNextCommit(): void {
  const { pool } = chain.database;
  const connect = pool.connect.bind(pool);
  jest.spyOn(pool, 'connect').mockImplementationOnce((async () => {
    const client = await connect();
    const query = client.query.bind(client) as (config: { text: string }) => Promise<unknown>;
    client.query = (async (config: { text: string }) => {
      const answer = await query(config);
      if (!/^commit/i.test(config.text)) return answer;
      client.query = query as never;
      throw new Error('the answer is lost');
    }) as never;
    return client;
  }) as never);
}
