import { types } from 'node:util';
import { DatabaseUnavailable } from './database-unavailable.error';

/** Failures of the network or of name resolution, as Node names them. */
const NETWORK_CODES: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** PostgreSQL, appendix A: connection exceptions, insufficient resources, shutdown and start, timeouts. */
const SQLSTATES = [/^08/, /^53/, /^57P0[1-5]$/, /^57014$/, /^55P03$/, /^25P0[34]$/];

/** What pg says when no answer came in time, not even that the statement took too long. */
const SILENCE_MESSAGE = 'Query read timeout';

/** What pg and pg-pool say without any code when a connection is lost or does not come about. */
const DRIVER_MESSAGES = [
  /^Connection terminated/,
  /^timeout exceeded when trying to connect$/,
  /^timeout expired$/,
  new RegExp(`^${SILENCE_MESSAGE}$`),
  /^Client (has encountered a connection error|was closed) and is not queryable$/,
];

/** The error of a driver as callers should see it: `DatabaseUnavailable` when the database cannot answer. */
export function orDatabaseUnavailable(error: unknown): unknown {
  return isUnavailability(error) ? new DatabaseUnavailable({ cause: error }) : error;
}

/** Whether the server said nothing at all to a statement. */
export function isSilence(error: unknown): boolean {
  return types.isNativeError(error) && error.message === SILENCE_MESSAGE;
}

/** Whether an error of the driver says that the database, not the statement, is the matter. */
export function isUnavailability(error: unknown): boolean {
  // `instanceof` would miss errors that Node makes outside of a test's context.
  if (!types.isNativeError(error)) return false;
  if ('errors' in error && Array.isArray(error.errors)) {
    return error.errors.some((each) => isUnavailability(each));
  }
  if ('code' in error && typeof error.code === 'string') {
    const { code } = error;
    return NETWORK_CODES.has(code) || SQLSTATES.some((state) => state.test(code));
  }
  return DRIVER_MESSAGES.some((message) => message.test(error.message));
}
