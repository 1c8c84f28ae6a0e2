import { randomUUID } from 'node:crypto';
import type { SecurityEvent } from '@sallyport/observability';
import { PageRequestInvalid } from '@sallyport/persistence';
import { sql } from 'kysely';
import { openChain, unchained, type ChainForTests } from '../audit.fixture';
import { ChainAppender } from '../store/chain-appender';
import { OwnEvents, ownEventsQuery } from './own-events';
import { ownEventsMigration } from './own-events.migration';

const ACCOUNT = randomUUID();
const OTHER = randomUUID();
const OPERATOR = randomUUID();
const ADDRESS = { clientAddress: '2001:db8:1:2:3:4:5:6' };

const success = (reason: string, changes: Partial<SecurityEvent>) =>
  unchained(reason, { type: 'account', outcome: 'succeeded', ...changes });

let chain: ChainForTests;
let own: OwnEvents;

beforeAll(async () => {
  chain = await openChain();
  await ownEventsMigration.up(chain.db);
  own = new OwnEvents(chain.db);
  await new ChainAppender(chain.db, () => new Date()).append([
    success('account_registered', { principal: ACCOUNT, ...ADDRESS }),
    success('account_registered', { principal: OTHER }),
    unchained('invalid_credentials', { type: 'authentication', target: ACCOUNT, ...ADDRESS }),
    unchained('scope_missing', { type: 'authorization', principal: ACCOUNT }),
    success('consent_given', { type: 'client', principal: ACCOUNT, target: 'a-client' }),
    success('account_locked', { principal: OPERATOR, target: ACCOUNT, ...ADDRESS }),
    success('account_locked', { principal: ACCOUNT, target: OTHER }),
    unchained('logged_in', { type: 'authentication', principal: ACCOUNT }),
    success('password_changed', { principal: ACCOUNT, target: undefined, ...ADDRESS }),
  ]);
});

afterAll(() => chain.database.close());

const all = (accountId: string) => own.list(accountId, { pageSize: 0, pageToken: '' });

describe('OwnEvents refuses', () => {
  const tokenOf = async (accountId: string) => (await all(accountId)).events.at(-1)?.pageToken;

  it.each<readonly [string, string, () => string | undefined | Promise<string | undefined>]>([
    ['a sequence number', 'page_token_invalid', () => '3'],
    ['a made-up token', 'page_token_invalid', () => 'A'.repeat(30)],
    ['the token of another account', 'page_token_invalid', () => tokenOf(OTHER)],
    [
      'a token of its own with another hash',
      'page_token_invalid',
      async () => `${(await tokenOf(ACCOUNT))?.slice(0, 20)}${'A'.repeat(10)}`,
    ],
    ['a token and more', 'page_token_invalid', async () => `${(await tokenOf(ACCOUNT)) ?? ''}AAAA`],
  ])('%s', async (_name, code, token) => {
    const listed = own.list(ACCOUNT, { pageSize: 0, pageToken: (await token()) ?? '' });
    await expect(listed).rejects.toBeInstanceOf(PageRequestInvalid);
    await expect(listed).rejects.toMatchObject({ code });
  });

  it.each([-1, 51])('pages of %d', async (pageSize) => {
    await expect(own.list(ACCOUNT, { pageSize, pageToken: '' })).rejects.toMatchObject({
      code: 'page_size_out_of_range',
    });
  });
});

describe('OwnEvents', () => {
  it('tells of an account what its owner can make something of, the newest first', async () => {
    const { events, hasMore } = await all(ACCOUNT);
    expect(hasMore).toBe(false);
    expect(events.map(({ reason, from, isByOperator }) => [reason, from, isByOperator])).toEqual([
      ['password_changed', ADDRESS.clientAddress, false],
      ['account_locked', undefined, true],
      ['consent_given', undefined, false],
      ['invalid_credentials', '2001:db8:1:2::/64', false],
      ['account_registered', ADDRESS.clientAddress, false],
    ]);
    expect(events.map(({ title }) => title)).toContain('An operator locked the account');
  });

  it('names nobody else', async () => {
    const told = JSON.stringify(await all(ACCOUNT));
    for (const id of [ACCOUNT, OTHER, OPERATOR, 'a-client']) expect(told).not.toContain(id);
  });

  it('tells an operator nothing of those they acted on', async () => {
    expect((await all(OPERATOR)).events).toEqual([]);
  });

  it('gives pages that go on after the event shown last', async () => {
    const seen: string[] = [];
    let pageToken = '';
    let hasMore = true;
    while (hasMore) {
      const page = await own.list(ACCOUNT, { pageSize: 2, pageToken });
      seen.push(...page.events.map(({ reason }) => reason));
      ({ hasMore } = page);
      pageToken = page.events.at(-1)?.pageToken ?? '';
    }
    expect(seen).toEqual((await all(ACCOUNT)).events.map(({ reason }) => reason));
  });

  it('reads a few rows of a log of many, of this account and of others', async () => {
    await sql`
      INSERT INTO security_events (seq, recorded_at, type, outcome, reason, principal, previous_hash, hash)
      SELECT 1000 + n, now(), 'authentication',
        CASE WHEN n % 2 = 0 THEN 'refused' ELSE 'succeeded' END,
        CASE WHEN n % 2 = 0 THEN 'scope_missing' ELSE 'logged_in' END,
        CASE WHEN n % 2 = 0 THEN ${ACCOUNT} ELSE gen_random_uuid()::text END, '', ''
      FROM generate_series(1, 60000) AS n`.execute(chain.db);
    await sql`ANALYZE security_events`.execute(chain.db);
    const { rows } = await sql<{ readonly 'QUERY PLAN': string }>`
      EXPLAIN (ANALYZE, BUFFERS, COSTS off) ${ownEventsQuery(ACCOUNT, 21)}`.execute(chain.db);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toContain('security_events_of_principal_by_reason');
    expect(plan).toContain('security_events_of_target_by_reason');
    expect(plan).not.toContain('Seq Scan on security_events');
    const removed = [...plan.matchAll(/Rows Removed by Filter: (\d+)/g)].map(([, n]) => Number(n));
    expect(Math.max(0, ...removed)).toBeLessThan(100);
    expect((await all(ACCOUNT)).events).toHaveLength(5);
  });
});
