import { askRedis } from '@sallyport/dev-stores';
import { Client } from 'pg';
import { describeOnSharedState, describeWithRedis, postgresForTests } from '../index';
import type { SharedStateForTests } from '../index';

jest.setTimeout(30_000);

describe('postgresForTests', () => {
  const query = async (url: string, text: string): Promise<unknown> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<{ value: unknown }>(text)).rows[0]?.value;
    } finally {
      await client.end();
    }
  };

  it('makes a database of its own for each call', async () => {
    const [one, other] = await Promise.all([postgresForTests(), postgresForTests()]);
    await query(one, 'CREATE TABLE mine (value int)');
    await expect(query(other, 'SELECT value FROM mine')).rejects.toThrow('does not exist');
    await expect(query(one, 'SELECT count(*)::int AS value FROM mine')).resolves.toBe(0);
  });
});

describeOnSharedState('shared state for tests', (open) => {
  let state: SharedStateForTests;
  beforeAll(async () => {
    state = await open();
  });
  afterAll(() => state.close());

  it('begins empty', async () => {
    await expect(askRedis(state.url, ['DBSIZE'])).resolves.toBe(0);
    await expect(askRedis(state.url, ['SET', 'left', 'behind'])).resolves.toBe('OK');
  });
});

describeWithRedis('the Redis of a worker', (url) => {
  it('is emptied for each suite', async () => {
    await expect(askRedis(url, ['DBSIZE'])).resolves.toBe(0);
  });
});
