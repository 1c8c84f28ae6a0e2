import { tracingChannel } from 'node:diagnostics_channel';
import {
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_SYSTEM_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '@opentelemetry/semantic-conventions';
import { errorTypeOf, failSpan, isTraced, startCallSpan, type TraceSpan } from './spans';

/** What ioredis tells of a command; its arguments, keys among them, are not looked at. */
interface CommandMessage {
  readonly command?: unknown;
  readonly serverAddress?: unknown;
  readonly serverPort?: unknown;
  error?: unknown;
}

/**
 * Makes a span of each Redis command that ioredis sends for something traced, with the name of the command and nothing
 * else of it, until the returned function is called.
 */
export function traceRedisCommands(): () => void {
  const spans = new WeakMap<object, TraceSpan>();
  const channel = tracingChannel<string, CommandMessage>('ioredis:command');
  const end = (message: CommandMessage): void => {
    const span = spans.get(message);
    if (span === undefined) return;
    spans.delete(message);
    span.end();
  };
  const handlers = {
    start(message: CommandMessage): void {
      if (!isTraced()) return;
      const span = startCallSpan(describe(message));
      if (span !== undefined) spans.set(message, span);
    },
    end: () => undefined,
    asyncStart: () => undefined,
    asyncEnd: end,
    error(message: CommandMessage): void {
      const span = spans.get(message);
      if (span !== undefined) failSpan(span, errorTypeOf(message.error));
    },
  };
  channel.subscribe(handlers);
  return () => {
    channel.unsubscribe(handlers);
  };
}

function describe({ command, serverAddress, serverPort }: CommandMessage) {
  const name = String(command).toUpperCase();
  return {
    name,
    attributes: {
      [ATTR_DB_SYSTEM_NAME]: 'redis',
      [ATTR_DB_OPERATION_NAME]: name,
      ...(typeof serverAddress === 'string' && { [ATTR_SERVER_ADDRESS]: serverAddress }),
      ...(typeof serverPort === 'number' && { [ATTR_SERVER_PORT]: serverPort }),
    },
  };
}
