import type { StoredSecurityEvent } from '@sallyport/audit';
import { RpcError, type auditV1 } from '@sallyport/contracts';
import { DatabaseUnavailable } from '@sallyport/persistence';
import {
  expectRefusal,
  startTestGateway,
  statusAndCode,
  type TestGateway,
} from '../gateway.fixture';

const PATH = '/admin/security-events';

let gateway: TestGateway;
let credential: readonly [string, string];
beforeAll(async () => {
  gateway = await startTestGateway();
  const token = gateway.mint.accessToken({ payload: { scope: 'audit:read' } });
  credential = ['authorization', `Bearer ${token}`];
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
  gateway.securityEvents.asked.length = 0;
  gateway.securityEvents.failure = undefined;
  gateway.transports.orders.answer('listSecurityEvents', { events: [], nextPageToken: '' });
});

const ask = (query = '', headers = [credential]) =>
  gateway.send({ path: `${PATH}${query}`, headers });

const STORED: StoredSecurityEvent = {
  seq: 7,
  recorded_at: new Date('2026-11-26T10:00:00.123Z'),
  type: 'token',
  outcome: 'refused',
  reason: 'token_expired',
  correlation_id: 'c-12345678',
  caller: null,
  principal: null,
  session: null,
  api_key_id: null,
  certificate: null,
  target: 'GET /orders',
  client_address: '192.0.2.7',
  client_port: null,
  lost_events: null,
  hash: Buffer.alloc(32, 0xab),
};

describe(`GET ${PATH} refuses`, () => {
  it('nobody', async () => {
    expectRefusal(gateway, await ask('', []), { status: 401, code: 'credential_missing' });
  });

  it.each([['orders:read orders:write'], ['keys:manage accounts:manage'], ['']])(
    'the scope "%s"',
    async (scope) => {
      const token = gateway.mint.accessToken({ payload: { scope } });
      const answer = await ask('', [['authorization', `Bearer ${token}`]]);
      expectRefusal(gateway, answer, { status: 403, code: 'insufficient_scope' });
    },
  );

  it.each([
    ['?service=console', 'service'],
    ['?service=', 'service'],
    ['?type=other', 'type'],
    ['?type=constructor', 'type'],
    ['?outcome=failed', 'outcome'],
    ['?reason=a%20b', 'reason'],
    ['?reason=', 'reason'],
    ['?principal=', 'principal'],
    ['?principal=a%00b', 'principal'],
    ['?principal=%0A', 'principal'],
    ['?principal=a%7F', 'principal'],
    ['?principal=a%C2%85', 'principal'],
    ['?principal=a&service=orders-service&principal=b%00', 'principal'],
    ['?service=orders-service&principal=a%00b', 'principal'],
    ['?type=token%00', 'type'],
    ['?reason=a%00', 'reason'],
    ['?correlationId=c-12345678%00', 'correlationId'],
    ['?correlationId=short', 'correlationId'],
    ['?from=yesterday', 'from'],
    ['?from=2026-11-26', 'from'],
    ['?to=1764151200', 'to'],
    ['?limit=0', 'limit'],
    ['?limit=201', 'limit'],
    ['?limit=1e2', 'limit'],
    ['?cursor=', 'cursor'],
    ['?seq=1', 'seq'],
    ['?reason=a&reason=b', 'reason'],
  ])('%s', async (query, path) => {
    const answer = await ask(query);
    expect(JSON.parse(answer.body)).toMatchObject({
      status: 400,
      code: 'validation_failed',
      violations: [expect.objectContaining({ path })],
    });
    expect(gateway.securityEvents.asked).toEqual([]);
    expect(gateway.upstreamCalls()).toEqual([]);
  });

  it.each(['abc', '0', '-1'])('the cursor %s, which it has not given', async (cursor) => {
    expect(statusAndCode(await ask(`?cursor=${cursor}`))).toEqual([400, 'page_token_invalid']);
    expect(gateway.securityEvents.asked).toEqual([]);
  });

  it('with 503 while its database, or the service asked, is away', async () => {
    gateway.securityEvents.failure = new DatabaseUnavailable();
    const unavailable = new RpcError('UNAVAILABLE', 'database_unavailable');
    gateway.transports.orders.fail('listSecurityEvents', unavailable);
    for (const query of ['', '?service=orders-service']) {
      const answer = await ask(query);
      expect(statusAndCode(answer)).toEqual([503, 'service_unavailable']);
      expect(answer.headers['retry-after']).toBe('2');
    }
  });
});

describe(`GET ${PATH} answers`, () => {
  it('with the events of the gateway itself, unless told otherwise', async () => {
    gateway.securityEvents.page = { events: [STORED], nextPageToken: '7' };
    const answer = await ask(
      '?type=token&outcome=refused&reason=token_expired&principal=u&correlationId=c-12345678' +
        '&from=2026-11-26T10:00:00Z&to=2026-11-26T12:00:00%2B01:00&limit=1&cursor=8',
    );
    expect(JSON.parse(answer.body)).toEqual({
      items: [
        {
          ...{ seq: 7, recordedAt: '2026-11-26T10:00:00.123Z', type: 'token', outcome: 'refused' },
          ...{ reason: 'token_expired', correlationId: 'c-12345678', caller: null },
          ...{
            principal: null,
            session: null,
            apiKeyId: null,
            certificate: null,
            target: 'GET /orders',
          },
          ...{ clientAddress: '192.0.2.7', clientPort: null, lostEvents: null },
          hash: 'ab'.repeat(32),
        },
      ],
      nextCursor: '7',
    });
    const filter = {
      ...{ type: 'token', outcome: 'refused', reason: 'token_expired', principal: 'u' },
      correlationId: 'c-12345678',
      from: new Date('2026-11-26T10:00:00Z'),
      to: new Date('2026-11-26T11:00:00Z'),
    };
    expect(gateway.securityEvents.asked).toEqual([[filter, { size: 1, before: 8 }]]);
    expect(gateway.upstreamCalls()).toEqual([]);
  });

  it('with those of the service that is named', async () => {
    const event: auditV1.SecurityEvent = {
      ...{ seq: 1, recordedAt: STORED.recorded_at, type: 'audit', outcome: 'succeeded' },
      ...{ reason: 'chain_started', correlationId: '', caller: '', principal: '', session: '' },
      ...{
        apiKeyId: '',
        certificate: '',
        target: '',
        clientAddress: '',
        clientPort: 0,
        lostEvents: 0,
      },
      hash: Buffer.alloc(32),
    };
    gateway.transports.orders.answer('listSecurityEvents', { events: [event], nextPageToken: '' });
    const answer = await ask('?service=orders-service');
    expect(JSON.parse(answer.body)).toMatchObject({
      items: [{ seq: 1, reason: 'chain_started', target: null, hash: '00'.repeat(32) }],
      nextCursor: null,
    });
    expect(gateway.upstreamCalls().map(({ path }) => path)).toEqual([
      '/sallyport.audit.v1.AuditService/ListSecurityEvents',
    ]);
    expect(gateway.securityEvents.asked).toEqual([]);
  });
});
