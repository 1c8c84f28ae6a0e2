import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { provisionDatabase, startEmbeddedPostgres } from '@sallyport/dev-stores';
import { DatabaseUnavailable } from '@sallyport/persistence';
import { openChain, refusal, SERVICE, surroundings, unchained } from '../audit.fixture';
import { ChainAppender } from '../store/chain-appender';
import type { UnchainedEvent } from '../store/event-row';
import { verifyChain } from '../store/verify-chain';
import { ChainedSecurityEvents } from './chained.security-events';
import { openAudit } from './open-audit';

jest.setTimeout(60_000);

const numbered = (count: number) => Array.from({ length: count }, (_, number) => `r${number}`);

describe('while the database is away', () => {
  it('a thousand events wait, and are appended in order when it is back', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'audit-'));
    const dataDirectory = join(folder, 'postgres');
    let postgres = await startEmbeddedPostgres({ dataDirectory });
    const url = await provisionDatabase(postgres.url, { name: 'audit', password: 'p' });
    const { database, db } = await openChain(url);
    const { lines, ...rest } = surroundings();
    const causes = () =>
      lines
        .filter(({ event }) => event === 'audit_append')
        .map(({ error }) => (error as { readonly cause?: { readonly code?: string } }).cause?.code);
    const audit = openAudit({ database, ...rest });
    audit.events.record(refusal('before'));

    await postgres.stop();
    for (const reason of numbered(1_000)) audit.events.record(refusal(reason));
    // A server that is going down says so before it says nothing any more.
    while (!causes().includes('ECONNREFUSED')) await delay(50);
    postgres = await startEmbeddedPostgres({ dataDirectory, port: postgres.port });
    while (!lines.some(({ event }) => event === 'audit_appending_again')) await delay(50);
    await audit.close();

    const rows = await db.selectFrom('security_events').select('reason').orderBy('seq').execute();
    const expected = ['chain_started', 'before', ...numbered(1_000)];
    expect(rows.map(({ reason }) => reason)).toEqual(expected);
    expect(await verifyChain(db, { service: SERVICE })).toMatchObject({
      rows: 1_002,
      fault: undefined,
    });
    expect(lines.filter(({ event }) => event === 'security')).toHaveLength(1_001);
    expect(causes()).toEqual([...new Set(causes())]);
    await database.close();
    await postgres.stop();
    await rm(folder, { recursive: true });
  });
});

describe('ChainedSecurityEvents', () => {
  function setUp(append: (events: readonly UnchainedEvent[]) => Promise<void>) {
    const { lines, ...rest } = surroundings();
    const logged: string[] = [];
    const events = new ChainedSecurityEvents({
      ...rest,
      append,
      logged: { record: ({ reason }) => void logged.push(reason) },
      capacity: { events: 3, reserved: 0 },
    });
    return { events, lines, logged, metrics: () => rest.registry.metrics() };
  }

  it('logs all, chains what there is room for, and puts on record how many are missing', async () => {
    const { database, db } = await openChain();
    const appender = new ChainAppender(db, () => new Date());
    const { events, lines, logged, metrics } = setUp((rows) => appender.append(rows));
    for (const reason of numbered(10)) events.record(refusal(reason));
    await events.close(5_000);

    expect(logged).toEqual(numbered(10));
    const rows = await db
      .selectFrom('security_events')
      .select(['type', 'reason', 'lost_events'])
      .orderBy('seq')
      .execute();
    expect(rows.map(({ reason }) => reason)).toEqual([
      ...['chain_started', 'r0', 'r1', 'r2', 'events_lost'],
    ]);
    expect(rows.at(-1)).toEqual({ type: 'audit', reason: 'events_lost', lost_events: 7 });
    expect((await verifyChain(db, { service: SERVICE })).fault).toBeUndefined();
    expect(lines).toMatchObject([{ level: 'error', event: 'audit_events_lost' }]);
    expect(await metrics()).toMatch(/^sallyport_audit_events_lost_total\{.*\} 7$/m);
    await database.close();
  });

  it('never throws and never waits, whatever becomes of the chain', async () => {
    const { events, lines, logged, metrics } = setUp(() => new Promise(() => undefined));
    for (const reason of numbered(2)) events.record(refusal(reason));
    await events.close(300);
    events.record(refusal('late'));

    expect(logged).toEqual(['r0', 'r1', 'late']);
    expect(lines).toMatchObject([{ event: 'audit_events_lost', count: 2 }]);
    expect(await metrics()).toMatch(/^sallyport_audit_events_lost_total\{.*\} 3$/m);
  });

  it('tries the very same rows again until they are appended', async () => {
    const tried: (readonly UnchainedEvent[])[] = [];
    const { events, lines, metrics } = setUp(async (rows) => {
      tried.push(rows);
      if (tried.length < 3) throw new Error('away');
    });
    events.record(refusal('a'));
    while (tried.length < 3) await delay(20);
    await events.close(1_000);

    expect(tried[0]).toMatchObject([{ ...unchained('a'), recorded_at: expect.any(Date) as Date }]);
    expect(tried[1]).toBe(tried[0]);
    expect(tried[2]).toBe(tried[0]);
    expect(lines.map(({ event }) => event)).toEqual(['audit_append', 'audit_appending_again']);
    expect(await metrics()).toMatch(/^sallyport_audit_events_appended_total\{.*\} 1$/m);
  });

  it('logs each cause of a failure once, until it has succeeded', async () => {
    const away = (code: string) =>
      new DatabaseUnavailable({ cause: Object.assign(new Error(code), { code }) });
    const denied = Object.assign(new Error('permission denied'), { code: '42501' });
    const refused = away('ECONNREFUSED');
    const full = away('53100');
    const failures = [refused, refused, full, refused, denied, undefined, denied, undefined];
    const { events, lines } = setUp(async () => {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
    });
    events.record(refusal('a'));
    while (failures.length > 2) await delay(20);
    events.record(refusal('b'));
    while (failures.length > 0) await delay(20);
    await events.close(1_000);

    expect(lines.map(({ event }) => event)).toEqual([
      ...['audit_append', 'audit_append', 'audit_append', 'audit_appending_again'],
      ...['audit_append', 'audit_appending_again'],
    ]);
    expect(JSON.stringify(lines[1])).toContain('53100');
    expect(JSON.stringify(lines[2])).toContain('permission denied');
  });

  it('gathers what is recorded within a moment, and is not woken for nothing', async () => {
    const sizes: number[] = [];
    const { events } = setUp(async ({ length }) => void sizes.push(length));
    for (const reason of numbered(3)) events.record(refusal(reason));
    while (sizes.length === 0) await delay(20);
    events.record(refusal('later'));
    while (sizes.length === 1) await delay(20);
    await events.close(100);
    expect(sizes).toEqual([3, 1]);
  });
});

it('the head of the chain is in the log at the end', async () => {
  const { database, db } = await openChain();
  const { lines, ...rest } = surroundings();
  const audit = openAudit({ database, ...rest });
  audit.events.record(refusal('a'));
  await audit.close();
  const { head } = await verifyChain(db, { service: SERVICE });
  expect(lines.at(-1)).toMatchObject({
    ...{ level: 'info', event: 'audit_head', seq: 2 },
    hash: head?.hash.toString('hex'),
  });
  await database.close();
});
