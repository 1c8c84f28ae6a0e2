import fc from 'fast-check';
import { LoggedHandledCalls } from './handled-calls';
import { createLogger } from './logger';
import { createRegistry } from './metrics';
import { RpcClientMetrics } from './rpc-client-metrics';
import { LoggedSecurityEvents } from './security-events';

function setUp() {
  const registry = createRegistry({ service: 'gateway' });
  const logger = createLogger({ service: 'gateway', level: 'silent' });
  const seriesOf = async (name: string) =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith(`${name}{`)).length;
  return { registry, logger, seriesOf };
}

const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.uuid(), fc.webUrl());

it('keeps the reasons of decisions few, whatever is given for one', async () => {
  const { seriesOf, ...options } = setUp();
  const events = new LoggedSecurityEvents(options);
  fc.assert(
    fc.property(anything, (reason) => {
      events.record({ type: 'request', outcome: 'refused', reason });
    }),
    { numRuns: 2_000 },
  );
  expect(await seriesOf('sallyport_decisions_total')).toBeLessThanOrEqual(514);
  expect(await seriesOf('sallyport_security_events_total')).toBeLessThanOrEqual(513);
});

it('keeps the targets and callers of calls few, whatever is given for one', async () => {
  const { seriesOf, ...options } = setUp();
  const calls = new LoggedHandledCalls(options);
  const clients = new RpcClientMetrics(options.registry);
  await fc.assert(
    fc.asyncProperty(anything, async (made) => {
      calls.record({ target: made, status: 200, durationMs: 1, callerKind: 'user' });
      calls.record({ target: 'GET /orders', status: 200, durationMs: 1, callerKind: made });
      await clients.measure(made, made, () => Promise.resolve());
    }),
    { numRuns: 1_000 },
  );
  expect(await seriesOf('sallyport_handled_calls_total')).toBeLessThanOrEqual(513 + 33);
  expect(await seriesOf('sallyport_rpc_client_seconds_count')).toBeLessThanOrEqual(17 * 257);
});
