import { LoggedHandledCalls } from './handled-calls';
import type { LogFields, Logger } from './logger';
import { createRegistry } from './metrics';
import { LoggedSecurityEvents, type SecurityEvent } from './security-events';

function setUp() {
  const lines: [level: string, fields: LogFields][] = [];
  const at = (level: string) => (fields: LogFields) => void lines.push([level, fields]);
  const logger: Logger = {
    ...{ trace: at('trace'), debug: at('debug'), info: at('info') },
    ...{ warn: at('warn'), error: at('error'), fatal: at('fatal') },
    child: () => logger,
  };
  const registry = createRegistry({ service: 'gateway' });
  return { lines, logger, registry };
}

describe('LoggedSecurityEvents', () => {
  const refusal: SecurityEvent = {
    type: 'token',
    outcome: 'refused',
    reason: 'token_expired',
    correlationId: 'c-1',
    target: 'GET /orders',
    clientAddress: '192.0.2.7',
  };

  it('writes refusals as warnings and successes as information', () => {
    const { lines, ...options } = setUp();
    const events = new LoggedSecurityEvents(options);
    events.record(refusal);
    events.record({ type: 'session', outcome: 'succeeded', reason: 'signed_in', principal: 'u' });
    expect(lines).toEqual([
      ['warn', { event: 'security', ...refusal }],
      [
        'info',
        {
          event: 'security',
          type: 'session',
          outcome: 'succeeded',
          reason: 'signed_in',
          principal: 'u',
        },
      ],
    ]);
  });

  it('counts by type, outcome and reason', async () => {
    const { logger, registry } = setUp();
    const events = new LoggedSecurityEvents({ logger, registry });
    events.record(refusal);
    events.record(refusal);
    events.record({ type: 'session', outcome: 'succeeded', reason: 'signed_in', principal: 'u' });
    const metrics = await registry.metrics();
    expect(metrics).toContain(
      'sallyport_security_events_total{type="token",outcome="refused",reason="token_expired",service="gateway"} 2',
    );
    expect(metrics).toContain(
      'sallyport_decisions_total{outcome="refused",reason="token_expired",kind="token",service="gateway"} 2',
    );
    expect(metrics).not.toContain('sallyport_decisions_total{outcome="refused",reason="signed_in"');
  });
});

describe('LoggedHandledCalls', () => {
  it('writes each call and counts it by target and status', async () => {
    const { lines, logger, registry } = setUp();
    const calls = new LoggedHandledCalls({ logger, registry });
    const call = {
      target: 'GET /orders/:id',
      status: 200,
      durationMs: 12,
      correlationId: 'c-1',
      callerKind: 'user',
      principal: 'u',
    };
    calls.record(call);
    expect(lines).toEqual([['info', { event: 'handled', ...call }]]);
    const metrics = await registry.metrics();
    expect(metrics).toContain(
      'sallyport_handled_calls_total{target="GET /orders/:id",status="200",caller="user",service="gateway"} 1',
    );
    expect(metrics).toContain(
      'sallyport_handled_call_duration_seconds_sum{service="gateway",target="GET /orders/:id"} 0.012',
    );
    expect(metrics).toContain(
      'sallyport_decisions_total{outcome="allowed",reason="allowed",kind="authorization",service="gateway"} 1',
    );
  });
});

describe('createRegistry', () => {
  it('names every metric with the prefix', async () => {
    const { registry } = setUp();
    const names = (await registry.getMetricsAsJSON()).map(({ name }) => name);
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !name.startsWith('sallyport_'))).toEqual([]);
  });
});
