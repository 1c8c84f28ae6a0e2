/**
 * `npm run bench -- spans`: what the spans of one request cost the process that makes them, in CPU time, which other work on the
 * machine changes less than it does the time by the clock. A request has one call to a service and two statements or commands.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  createLogger,
  runInSpan,
  startCallSpan,
  startRequestSpan,
  startTracing,
  traceparentFor,
} from '@sallyport/observability';
import { endChild, firstLineOf, startChild } from '../child';
import { describeMachine } from '../surroundings';
import { table } from '../table';

const UNTRACED_REQUESTS = 5_000_000;
const UNKEPT_REQUESTS = 300_000;
const KEPT_REQUESTS = 20_000;

export const benchSpans = async (): Promise<void> => {
  const sink = startChild('traces/sink.js', {});
  try {
    const url = `http://127.0.0.1:${await firstLineOf(sink)}`;
    // Once before, for the compiler.
    await costOf(KEPT_REQUESTS, 'always_on', url);
    const rows = [
      ['nothing is traced', await costOf(UNTRACED_REQUESTS, undefined, url)],
      ['traced, this one is not kept', await costOf(UNKEPT_REQUESTS, 'always_off', url)],
      ['kept and exported, four spans', await costOf(KEPT_REQUESTS, 'always_on', url)],
    ] as const;
    console.log(`the spans of one request, ${describeMachine()}\n`);
    console.log(
      table([
        ['', 'CPU µs'],
        ...rows.map(([what, microseconds]) => [what, microseconds.toFixed(2)]),
      ]),
    );
  } finally {
    await endChild(sink);
  }
};

/** CPU time of a request in microseconds, export included. */
const costOf = async (
  requests: number,
  sampler: 'always_on' | 'always_off' | undefined,
  url: string,
): Promise<number> => {
  const tracing = startTracing({
    service: 'bench',
    settings: {
      OTEL_EXPORTER_OTLP_ENDPOINT: sampler && url,
      OTEL_TRACES_SAMPLER: sampler ?? 'always_off',
      OTEL_TRACES_SAMPLER_ARG: 1,
      OTEL_BSP_SCHEDULE_DELAY: 100,
      OTEL_BSP_MAX_QUEUE_SIZE: 65_536,
    },
    logger: createLogger({ service: 'bench', level: 'warn' }),
  });
  const before = process.cpuUsage();
  for (let done = 0; done < requests; done += 1) {
    request();
    if (sampler !== undefined && done % 100 === 0) await nextTurn();
  }
  await tracing.close();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / requests;
};

const REQUEST = { name: 'GET /orders/:id', attributes: { 'http.request.method': 'GET' } };
const CALL = { name: 'sallyport.orders.v1.OrdersService/GetOrder' };
const STATEMENT = { name: 'SELECT orders', attributes: { 'db.system.name': 'postgresql' } };

const request = (): void => {
  const span = startRequestSpan(REQUEST);
  runInSpan(span, inside);
  span?.end();
};

const inside = (): void => {
  const call = startCallSpan(CALL);
  traceparentFor(call);
  startCallSpan(STATEMENT)?.end();
  startCallSpan(STATEMENT)?.end();
  call?.end();
};
