import { runInNewContext } from 'node:vm';
import { DatabaseUnavailable } from './database-unavailable.error';
import { isUnavailability, orDatabaseUnavailable } from './unavailability';

function driverError(code: string): Error {
  return Object.assign(new Error('refused'), { code });
}

describe('the database is not to blame for', () => {
  it.each([
    ['a unique violation', driverError('23505')],
    ['a syntax error', driverError('42601')],
    ['a missing database', driverError('3D000')],
    ['a wrong password', driverError('28P01')],
    ['a serialization failure', driverError('40001')],
    ['a certificate that does not verify', driverError('SELF_SIGNED_CERT_IN_CHAIN')],
    ['an error of the program', new TypeError('x is not a function')],
    ['a message that only mentions it', new Error('no: Connection terminated unexpectedly')],
    ['no error at all', 'ECONNREFUSED'],
    ['an object that looks like one', { code: 'ECONNREFUSED' }],
  ])('%s', (_case, error) => {
    expect(isUnavailability(error)).toBe(false);
    expect(orDatabaseUnavailable(error)).toBe(error);
  });
});

describe('the database cannot answer:', () => {
  it.each([
    ['a refused connection', driverError('ECONNREFUSED')],
    ['a reset connection', driverError('ECONNRESET')],
    ['a missing socket', driverError('ENOENT')],
    ['a name that does not resolve', driverError('ENOTFOUND')],
    ['a refused connection on every address', new AggregateError([driverError('ECONNREFUSED')])],
    [
      'an error of another context',
      runInNewContext(`Object.assign(new Error(), { code: 'EPIPE' })`),
    ],
    ['a connection exception', driverError('08006')],
    ['too many connections', driverError('53300')],
    ['a full disk', driverError('53100')],
    ['a shutdown', driverError('57P01')],
    ['a crash', driverError('57P02')],
    ['a start', driverError('57P03')],
    ['a statement that took too long', driverError('57014')],
    ['a lock that took too long', driverError('55P03')],
    ['a transaction that was idle for too long', driverError('25P03')],
    ['a connection that ended', new Error('Connection terminated unexpectedly')],
    [
      'a connection that did not come about',
      new Error('Connection terminated due to connection timeout'),
    ],
    ['a pool without a free connection', new Error('timeout exceeded when trying to connect')],
    ['an answer that did not come', new Error('Query read timeout')],
  ])('%s', (_case, error: unknown) => {
    expect(isUnavailability(error)).toBe(true);
    const seen = orDatabaseUnavailable(error);
    expect(seen).toBeInstanceOf(DatabaseUnavailable);
    expect(seen).toMatchObject({ code: 'database_unavailable', cause: error });
    expect(String(seen)).toBe('DatabaseUnavailable: the database cannot answer now');
  });
});
