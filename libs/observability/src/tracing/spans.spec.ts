import { SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import { RecordedSpans } from './recorded-spans.fixture';
import {
  activeTraceId,
  errorTypeOf,
  failSpan,
  isTraced,
  isTracing,
  runInSpan,
  startCallSpan,
  startRequestSpan,
  traceBy,
  traceOwnWork,
  traceparentFor,
} from './spans';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';
const traceparent = (flags: '00' | '01') => [`00-${TRACE}-${CALLER}-${flags}`];

describe('spans while nothing is traced', () => {
  it('are none, and cost nothing but the look', async () => {
    expect(isTracing()).toBe(false);
    expect(startRequestSpan({ name: 'GET /orders' })).toBeUndefined();
    expect(startCallSpan({ name: 'SELECT orders' })).toBeUndefined();
    expect(traceparentFor(undefined)).toBeUndefined();
    expect(activeTraceId()).toBeUndefined();
    expect(runInSpan(undefined, () => 'done')).toBe('done');
    await expect(traceOwnWork('pass', () => Promise.resolve('done'))).resolves.toBe('done');
  });

  it('begin with a tracer and end with it', () => {
    const startSpan = jest.fn();
    traceBy({ startSpan } as unknown as Tracer);
    startRequestSpan({ name: 'GET /orders' });
    traceBy(undefined);
    startRequestSpan({ name: 'GET /orders' });
    expect(startSpan).toHaveBeenCalledTimes(1);
  });
});

describe('spans', () => {
  let recorded: RecordedSpans;
  beforeEach(() => {
    recorded = new RecordedSpans();
  });
  afterEach(() => {
    recorded.stop();
  });

  it('of a request continue the trace of who is believed', () => {
    startRequestSpan({ name: 'rpc', believed: traceparent('01') })?.end();
    const [span] = recorded.ended;
    expect(span?.spanContext().traceId).toBe(TRACE);
    expect(span?.parentSpanContext?.spanId).toBe(CALLER);
    expect(span?.kind).toBe(SpanKind.SERVER);
  });

  it('of a request are not kept when who is believed does not keep the trace', () => {
    const span = startRequestSpan({ name: 'rpc', believed: traceparent('00') });
    runInSpan(span, () => {
      expect(isTraced()).toBe(false);
      expect(activeTraceId()).toBeUndefined();
      expect(startCallSpan({ name: 'SELECT orders' })).toBeUndefined();
      // Said to whoever is called, so that it is not kept there either.
      expect(traceparentFor(undefined)).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
    });
    span?.end();
    expect(recorded.ended).toEqual([]);
  });

  it('of a request begin a trace that links to what anybody else says, kept or not', () => {
    for (const flags of ['00', '01'] as const) {
      startRequestSpan({ name: 'GET /orders', linked: traceparent(flags) })?.end();
    }
    expect(recorded.ended).toHaveLength(2);
    for (const span of recorded.ended) {
      expect(span.spanContext().traceId).not.toBe(TRACE);
      expect(span.parentSpanContext).toBeUndefined();
      expect(span.links.map(({ context }) => context.spanId)).toEqual([CALLER]);
    }
  });

  it('of a request have nothing to do with what was under way', async () => {
    await traceOwnWork('pass', () => {
      startRequestSpan({ name: 'GET /orders' })?.end();
      return Promise.resolve();
    });
    const [request, pass] = recorded.ended;
    expect(request?.parentSpanContext).toBeUndefined();
    expect(request?.spanContext().traceId).not.toBe(pass?.spanContext().traceId);
  });

  it('of a call belong to what asks for it, across what is awaited', async () => {
    const request = startRequestSpan({ name: 'GET /orders' });
    const [own, sent] = await runInSpan(request, async () => {
      await Promise.resolve();
      const call = startCallSpan({ name: 'SELECT orders' });
      call?.end();
      return [activeTraceId(), traceparentFor(call)] as const;
    });
    request?.end();
    const [call] = recorded.ended;
    const traceId = request?.spanContext().traceId;
    expect(own).toBe(traceId);
    expect(call?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
    expect(sent).toBe(`00-${traceId}-${call?.spanContext().spanId}-01`);
  });

  it('of a call are none where nothing is under way', () => {
    expect(startCallSpan({ name: 'SELECT 1' })).toBeUndefined();
  });

  it('of own work are roots, whatever it was started by, and tell how it failed without a message', async () => {
    const request = startRequestSpan({ name: 'GET /orders' });
    const failure = Object.assign(new Error('row of user 17'), { code: '23505' });
    await runInSpan(request, () =>
      expect(traceOwnWork('audit append', () => Promise.reject(failure))).rejects.toBe(failure),
    );
    const [work] = recorded.ended;
    expect(work?.parentSpanContext).toBeUndefined();
    expect(work?.attributes).toEqual({ 'error.type': '23505' });
    expect(work?.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(work?.events).toEqual([]);
  });

  it('that failed say so', () => {
    const span = startRequestSpan({ name: 'GET /orders' });
    if (span) failSpan(span, '503');
    span?.end();
    expect(recorded.ended[0]).toMatchObject({
      attributes: { 'error.type': '503' },
      status: { code: SpanStatusCode.ERROR },
    });
  });
});

describe('errorTypeOf', () => {
  it.each([
    [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    [new TypeError('x'), 'TypeError'],
    [Object.assign(new Error('x'), { code: 'a code with spaces' }), 'Error'],
    ['text', '_OTHER'],
    [undefined, '_OTHER'],
  ])('gives for %p %s', (error, type) => {
    expect(errorTypeOf(error)).toBe(type);
  });
});
