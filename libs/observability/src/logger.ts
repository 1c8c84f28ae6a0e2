import pino, { type DestinationStream } from 'pino';
import { redact } from './redact';
import { activeTraceId } from './tracing/spans';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/** The fields of one log line. `event` is a stable lower-case name of what happened; there is no free sentence. */
export interface LogFields {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** Writes one JSON line a call; every field passes {@link redact} first. An error goes into the field `error`. */
export interface Logger {
  trace(fields: LogFields): void;
  debug(fields: LogFields): void;
  info(fields: LogFields): void;
  warn(fields: LogFields): void;
  error(fields: LogFields): void;
  fatal(fields: LogFields): void;
  /** A logger that adds `fields` to each of its lines. */
  child(fields: Readonly<Record<string, unknown>>): Logger;
}

export interface LoggerOptions {
  /** The name of the service, a field of every line. */
  readonly service: string;
  readonly level: LogLevel;
  /** Where lines go; standard output when left out. */
  readonly destination?: DestinationStream;
}

/**
 * Creates the logger of a process: lines `{"time","level","service","event",…}`, time in ISO 8601, level by name. What is
 * written while something is done whose trace is kept has `traceId` as well.
 */
export function createLogger({ service, level, destination }: LoggerOptions): Logger {
  const sink = pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    // Lines that arrive during a write are written together afterwards; the rest is flushed on exit.
    destination ?? pino.destination({ fd: 1, sync: false }),
  );
  return loggerOver(sink);
}

function loggerOver(sink: pino.Logger): Logger {
  const at = (level: Exclude<LogLevel, 'silent'>) => (fields: LogFields) => {
    if (!sink.isLevelEnabled(level)) return;
    const traceId = activeTraceId();
    sink[level](traceId === undefined ? redact(fields) : { ...redact(fields), traceId });
  };
  return {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
    child: (fields) => loggerOver(sink.child(redact(fields))),
  };
}
