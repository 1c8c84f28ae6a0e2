import { tracingChannel } from 'node:diagnostics_channel';
import { RecordedSpans } from './recorded-spans.fixture';
import { traceRedisCommands } from './redis-spans';
import { runInSpan, startRequestSpan } from './spans';

/** As ioredis tells of a command. */
const send = (command: string, answer: Promise<unknown>): Promise<unknown> =>
  tracingChannel('ioredis:command').tracePromise(() => answer, {
    command,
    args: ['{user-17}:key', 's3cret'],
    database: 0,
    serverAddress: 'redis',
    serverPort: 6379,
  });

describe('traceRedisCommands', () => {
  let recorded: RecordedSpans;
  let stop: () => void;
  beforeEach(() => {
    recorded = new RecordedSpans();
    stop = traceRedisCommands();
  });
  afterEach(() => {
    stop();
    recorded.stop();
  });

  const inRequest = async (work: () => Promise<unknown>): Promise<void> => {
    const request = startRequestSpan({ name: 'GET /orders' });
    await runInSpan(request, work);
  };

  it('names the command and the server, and neither keys nor values', async () => {
    await inRequest(() => send('evalsha', Promise.resolve([1])));
    expect(recorded.ended).toHaveLength(1);
    expect(recorded.ended[0]).toMatchObject({
      name: 'EVALSHA',
      attributes: {
        'db.system.name': 'redis',
        'db.operation.name': 'EVALSHA',
        'server.address': 'redis',
        'server.port': 6379,
      },
    });
    const { attributes, events } = recorded.ended[0] ?? {};
    expect(JSON.stringify({ attributes, events })).not.toMatch(/user-17|s3cret/);
  });

  it('says that a command failed', async () => {
    const failure = new Error('WRONGTYPE Operation against {user-17}:key');
    await inRequest(() => expect(send('get', Promise.reject(failure))).rejects.toBe(failure));
    expect(recorded.ended[0]?.attributes).toMatchObject({ 'error.type': 'Error' });
    expect(JSON.stringify(recorded.ended[0]?.status)).not.toContain('user-17');
  });

  it('makes none for what belongs to no request, or after it was stopped', async () => {
    await send('xread', Promise.resolve(null));
    stop();
    await inRequest(() => send('get', Promise.resolve(null)));
    expect(recorded.ended).toEqual([]);
  });
});
