import { Writable } from 'node:stream';
import { createLogger, type Logger, type LogLevel } from './logger';

/** Stands for every kind of credential; must never be part of a line. */
const SECRET = 'hunter2hunter2';
const TOKEN = `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1In0.${SECRET}`;

function setUp(level: LogLevel = 'trace') {
  const lines: string[] = [];
  const destination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString());
      done();
    },
  });
  return { lines, logger: createLogger({ service: 'orders-service', level, destination }) };
}

function written(log: (logger: Logger) => void): Record<string, unknown> {
  const { lines, logger } = setUp();
  log(logger);
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '') as Record<string, unknown>;
}

describe('createLogger writes no secret', () => {
  const error = (message: string) =>
    Object.assign(new Error(message), { detail: SECRET, token: SECRET });
  const nested = (value: unknown) => ({ a: [{ b: { c: value } }] });

  it.each<[string, Record<string, unknown>]>([
    ['password', { password: SECRET }],
    ['newPassword', { newPassword: SECRET }],
    ['passphrase', { passphrase: SECRET }],
    ['authorization', { authorization: `Bearer ${SECRET}` }],
    ['Proxy-Authorization', { 'Proxy-Authorization': SECRET }],
    ['cookie', { cookie: `__Secure-sallyport-refresh=${SECRET}` }],
    ['set-cookie as a list', { 'set-cookie': [`a=${SECRET}`] }],
    ['token', { token: SECRET }],
    ['refresh_token', { refresh_token: SECRET }],
    ['accessToken', { accessToken: SECRET }],
    ['txn-token', { 'txn-token': SECRET }],
    ['TXN_TOKEN', { TXN_TOKEN: SECRET }],
    ['mfaToken', { mfaToken: SECRET }],
    ['id_tokens', { id_tokens: [SECRET] }],
    ['client_secret', { client_secret: SECRET }],
    ['secret as an object', { secret: { value: SECRET } }],
    ['X-API-Key', { 'X-API-Key': SECRET }],
    ['privateKey', { privateKey: SECRET }],
    ['privateKeyPem', { privateKeyPem: SECRET }],
    ['otp', { otp: SECRET }],
    ['recoveryCodes', { recoveryCodes: [SECRET] }],
    ['credentials', { credentials: { value: SECRET } }],
    ['a header, nested', nested({ Authorization: SECRET })],
    ['request headers', { request: { headers: { authorization: SECRET, cookie: SECRET } } }],
    ['a Map of headers', { headers: new Map([['authorization', SECRET]]) }],
    ['binary', { body: Buffer.from(SECRET), more: new Uint8Array(Buffer.from(SECRET)).buffer }],
    ['something very deep', nested(nested(nested(SECRET)))],
    ['a token in text', { note: `got ${TOKEN}` }],
    ['a token as text', { value: TOKEN }],
    ['a token in a list', { values: [TOKEN] }],
    ['a token in a Set', { values: new Set([TOKEN]) }],
    ['a token as a name', { [TOKEN]: 1 }],
    ['a Bearer scheme in text', { note: `sent Authorization: Bearer ${SECRET}` }],
    ['a Basic scheme in text', { note: `basic ${SECRET}==` }],
    ['a URL with a query', { url: `/orders?access_token=${SECRET}&x=1` }],
    ['a URL with an API key', { url: `/orders?x=1&api_key=${SECRET}` }],
    ['a URL with a key', { url: new URL(`https://a/?key=${SECRET}`) }],
    ['a form body', { body: `grant_type=password&password=${SECRET}` }],
    ['a store URL', { url: `postgres://orders:${SECRET}@localhost:5432/orders` }],
    ['a store URL without user', { url: `redis://:${SECRET}@localhost:6379` }],
    [
      'a private key',
      { note: `-----BEGIN PRIVATE KEY-----\n${SECRET}\n-----END PRIVATE KEY-----\n` },
    ],
    ['a private key cut off', { note: `-----BEGIN EC PRIVATE KEY-----\n${SECRET}` }],
    ['an error message', { error: error(`no route for ${TOKEN}`) }],
    ['further properties of an error', { error: error('unique violation') }],
    ['a cause', { error: new Error('x', { cause: error(`redis://:${SECRET}@h`) }) }],
    ['an aggregate', { errors: [error(`Bearer ${SECRET}`)] }],
    ['a secret beyond the longest text', { note: 'x'.repeat(20_000) + SECRET }],
  ])('under %s', (_name, fields) => {
    const byFields = JSON.stringify(
      written((logger) => {
        logger.info({ event: 'e', ...fields });
      }),
    );
    const byChild = JSON.stringify(
      written((logger) => {
        logger.child(fields).child({}).info({ event: 'e' });
      }),
    );
    for (const line of [byFields, byChild]) expect(line).not.toContain(SECRET);
  });
});

describe('createLogger', () => {
  it.each<[LogLevel, number]>([
    ['trace', 6],
    ['info', 4],
    ['error', 2],
    ['silent', 0],
  ])('at level %s writes %d of six levels', (level, count) => {
    const { lines, logger } = setUp(level);
    for (const each of ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const)
      logger[each]({ event: 'e' });
    expect(lines).toHaveLength(count);
  });

  it('writes values that cannot be written as JSON without failing', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    const fields = {
      cyclic,
      big: 10n,
      date: new Date(Number.NaN),
      fn: () => 1,
      none: undefined,
      nil: null,
    };
    const line = written((logger) => {
      logger.info({ event: 'e', ...fields });
    });
    expect(line).toMatchObject({ big: '10', date: null, nil: null });
    expect(line).not.toHaveProperty('none');
  });

  it('keeps what is no secret', () => {
    const fields = {
      event: 'e',
      target: 'GET /orders',
      note: 'a=b, token expired',
      url: 'https://a:8443/x?cursor=1',
      keys: 2,
      tokenType: 'at+jwt',
      at: new Date(0),
    };
    expect(
      written((logger) => {
        logger.info(fields);
      }),
    ).toMatchObject({
      ...fields,
      at: '1970-01-01T00:00:00.000Z',
    });
  });

  it('writes an error with its code, stack and cause', () => {
    const failure = Object.assign(new TypeError('no'), { code: 'E_NO', cause: new Error('why') });
    expect(
      written((logger) => {
        logger.error({ event: 'e', error: failure });
      })['error'],
    ).toEqual({
      type: 'TypeError',
      code: 'E_NO',
      message: 'no',
      stack: expect.stringContaining('logger.spec.ts') as string,
      cause: expect.objectContaining({ message: 'why' }) as object,
    });
  });

  it('writes one JSON line with time, level, service, bound fields and event', () => {
    expect(
      written((logger) => {
        logger.child({ peer: 'p' }).warn({ event: 'started', port: 1 });
      }),
    ).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      level: 'warn',
      service: 'orders-service',
      peer: 'p',
      event: 'started',
      port: 1,
    });
  });
});
