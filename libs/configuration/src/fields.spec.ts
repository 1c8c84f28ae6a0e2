import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { z } from 'zod';
import { ConfigurationError } from './configuration-error';
import { fields } from './fields';
import { readConfiguration } from './read-configuration';

const folder = mkdtempSync(join(tmpdir(), 'configuration-'));
const existingFile = join(folder, 'present.txt');
writeFileSync(existingFile, 'x');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function read(schema: z.ZodType, value: string | undefined): unknown {
  return readConfiguration(z.object({ VARIABLE: schema }), { VARIABLE: value })['VARIABLE'];
}

function refusal(schema: z.ZodType, value: string | undefined): string {
  try {
    read(schema, value);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
  }
  throw new Error('was accepted');
}

const DATABASE =
  'VARIABLE: expected a postgres:// URL with a database name, with sslmode=verify-full unless the host is this machine, got <hidden>';
const REDIS =
  'VARIABLE: expected a rediss:// URL, or redis:// or unix:// on this machine, got <hidden>';
const HTTPS = 'VARIABLE: expected an https:// URL without credentials, query or fragment, got ';
const ISSUER =
  'VARIABLE: expected an https:// issuer URL in canonical form without trailing slash, query or fragment, got ';
const SMTP =
  'VARIABLE: expected an smtps:// or smtp:// URL with a host and nothing behind it, got <hidden>';
const MAILBOX = 'VARIABLE: expected an e-mail address, got ';
const LEVEL =
  'VARIABLE: expected one of trace, debug, info, warn, error, fatal, silent, got "verbose"';
const TRUST_DOMAIN =
  'VARIABLE: expected a SPIFFE trust domain name such as sallyport.internal, got ';
const NAMESPACE =
  'VARIABLE: expected a namespace name of lower-case letters, digits and inner hyphens, got ';

describe('a field refuses', () => {
  const seconds = fields.durationSeconds({ min: 300, max: 900 });
  it.each<[string, z.ZodType, string | undefined, string]>([
    [
      'a listen address not set',
      fields.listenAddress(),
      undefined,
      'VARIABLE: expected host:port, but it is not set',
    ],
    [
      'an empty value',
      fields.listenAddress(),
      '',
      'VARIABLE: expected host:port, but it is not set',
    ],
    [
      'a listen address without port',
      fields.listenAddress(),
      'abc',
      'VARIABLE: expected host:port, got "abc"',
    ],
    [
      'a listen address without host',
      fields.listenAddress(),
      ':443',
      'VARIABLE: expected host:port, got ":443"',
    ],
    [
      'a port beyond 65535',
      fields.listenAddress(),
      '[::1]:65536',
      'VARIABLE: expected host:port, got "[::1]:65536"',
    ],
    [
      'brackets without IPv6',
      fields.listenAddress(),
      '[1.2.3.4]:1',
      'VARIABLE: expected host:port, got "[1.2.3.4]:1"',
    ],
    [
      'a bare IPv6 host',
      fields.listenAddress(),
      '::1:80',
      'VARIABLE: expected host:port, got "::1:80"',
    ],
    [
      'a target port 0',
      fields.targetAddress(),
      'orders:0',
      'VARIABLE: expected host:port, got "orders:0"',
    ],
    [
      'a target with a scheme',
      fields.targetAddress(),
      'dns:///a:1',
      'VARIABLE: expected host:port, got "dns:///a:1"',
    ],
    [
      'a value over several lines',
      fields.targetAddress(),
      'a\nb',
      'VARIABLE: expected host:port, got "a\\nb"',
    ],
    [
      'a long value, shortened',
      fields.targetAddress(),
      'x'.repeat(99),
      `VARIABLE: expected host:port, got "${'x'.repeat(80)}..."`,
    ],
    ['an SMTP URL of the web', fields.smtpUrl(), 'https://user:pw@mail.example', SMTP],
    ['an SMTP URL without host', fields.smtpUrl(), 'smtp://', SMTP],
    ['SMTP options', fields.smtpUrl(), 'smtp://mail.example?ignoreTLS=true', SMTP],
    ['an SMTP path', fields.smtpUrl(), 'smtps://mail.example/inbox', SMTP],
    ['a mailbox with a name', fields.mailbox(), 'A <a@b.c>', `${MAILBOX}"A <a@b.c>"`],
    ['a mailbox over two lines', fields.mailbox(), 'a@b.c\n', `${MAILBOX}"a@b.c\\n"`],
    ['a mailbox without domain', fields.mailbox(), 'a', `${MAILBOX}"a"`],
    ['http', fields.httpsUrl(), 'http://a', `${HTTPS}"http://a"`],
    ['user information', fields.httpsUrl(), 'https://u@a', `${HTTPS}"https://u@a"`],
    ['a query', fields.httpsUrl(), 'https://a/?b', `${HTTPS}"https://a/?b"`],
    ['an empty fragment', fields.httpsUrl(), 'https://a/#', `${HTTPS}"https://a/#"`],
    ['no URL', fields.httpsUrl(), 'localhost:8443', `${HTTPS}"localhost:8443"`],
    ['an issuer with a trailing slash', fields.issuerUrl(), 'https://a/', `${ISSUER}"https://a/"`],
    [
      'an issuer with a default port',
      fields.issuerUrl(),
      'https://a:443',
      `${ISSUER}"https://a:443"`,
    ],
    ['an issuer in upper case', fields.issuerUrl(), 'https://A', `${ISSUER}"https://A"`],
    [
      'a number with a fraction',
      fields.integer({ min: 0, max: 9 }),
      '1.5',
      'VARIABLE: expected a whole number from 0 to 9, got "1.5"',
    ],
    [
      'a number in hexadecimal',
      fields.integer({ min: 0, max: 9 }),
      '0x1',
      'VARIABLE: expected a whole number from 0 to 9, got "0x1"',
    ],
    [
      'a number too small',
      fields.integer({ min: 1, max: 9 }),
      '0',
      'VARIABLE: expected a whole number from 1 to 9, got "0"',
    ],
    [
      'a duration too long',
      seconds,
      '901',
      'VARIABLE: expected a whole number of seconds from 300 to 900, got "901"',
    ],
    [
      'a duration with a unit',
      seconds,
      '15m',
      'VARIABLE: expected a whole number of seconds from 300 to 900, got "15m"',
    ],
    ['an unknown log level', fields.logLevel(), 'verbose', LEVEL],
    [
      'a trust domain in upper case',
      fields.trustDomain(),
      'Sallyport',
      `${TRUST_DOMAIN}"Sallyport"`,
    ],
    [
      'a trust domain as SPIFFE ID',
      fields.trustDomain(),
      'spiffe://a',
      `${TRUST_DOMAIN}"spiffe://a"`,
    ],
    ['a namespace of two segments', fields.namespaceName(), 'a/b', `${NAMESPACE}"a/b"`],
    [
      'text with spaces',
      fields.text(),
      'a b',
      'VARIABLE: expected printable ASCII without spaces, got "a b"',
    ],
    [
      'a missing directory',
      fields.directory(),
      '/none/here',
      'VARIABLE: expected a readable directory, got "/none/here"',
    ],
    [
      'a file as directory',
      fields.directory(),
      existingFile,
      `VARIABLE: expected a readable directory, got ${JSON.stringify(existingFile)}`,
    ],
    [
      'a directory as file',
      fields.file(),
      folder,
      `VARIABLE: expected a readable file, got ${JSON.stringify(folder)}`,
    ],
    [
      'a short secret, hidden',
      fields.secretText({ minLength: 16 }),
      'hunter2',
      'VARIABLE: expected a secret of at least 16 characters, got <hidden>',
    ],
    ['another database scheme', fields.databaseUrl(), 'mysql://u:hunter2@localhost/d', DATABASE],
    ['no database name', fields.databaseUrl(), 'postgres://u:hunter2@localhost', DATABASE],
    ['a remote database in clear', fields.databaseUrl(), 'postgres://u:hunter2@db/d', DATABASE],
    [
      'a remote database, unverified',
      fields.databaseUrl(),
      'postgres://u:hunter2@db/d?sslmode=require',
      DATABASE,
    ],
    [
      'sslmode twice',
      fields.databaseUrl(),
      'postgres://u:hunter2@db/d?sslmode=verify-full&sslmode=disable',
      DATABASE,
    ],
    [
      'ssl beside sslmode',
      fields.databaseUrl(),
      'postgres://u:hunter2@db/d?sslmode=verify-full&ssl=0',
      DATABASE,
    ],
    [
      'a remote host as parameter',
      fields.databaseUrl(),
      'postgres://u:hunter2@localhost/d?host=db',
      DATABASE,
    ],
    ['a database without any host', fields.databaseUrl(), 'postgres:///d', DATABASE],
    ['a broken escape as host', fields.databaseUrl(), 'postgres://%zz/d', DATABASE],
    ['a look-alike of loopback', fields.databaseUrl(), 'postgres://127.0.0.1.example/d', DATABASE],
    ['a remote Redis in clear', fields.redisUrl(), 'redis://:hunter2@cache:6379', REDIS],
    ['another Redis scheme', fields.redisUrl(), 'http://:hunter2@localhost', REDIS],
    ['TLS turned off again', fields.redisUrl(), 'rediss://:hunter2@cache:6379?tls=', REDIS],
    ['another path', fields.redisUrl(), 'rediss://cache:6379?path=/tmp/s', REDIS],
    ['rediss without host', fields.redisUrl(), 'rediss:///0', REDIS],
    ['a secret spread over lines', fields.redisUrl(), 'redis://:hunter2\n@localhost', REDIS],
  ])('%s', (_name, schema, value, message) => {
    expect(refusal(schema, value)).toBe(message);
  });

  it('with a single line whatever the value is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        fc.pre(!/^-?[0-9]+$/.test(value));
        expect(refusal(fields.integer({ min: 0, max: 9 }), value)).not.toMatch(
          /[\r\n\u2028\u2029]/,
        );
      }),
    );
  });
});

describe('a field gives', () => {
  it.each<[string, z.ZodType, string | undefined, unknown]>([
    [
      'host and port',
      fields.listenAddress(),
      '127.0.0.1:50052',
      { host: '127.0.0.1', port: 50_052 },
    ],
    ['an IPv6 host without brackets', fields.listenAddress(), '[::1]:0', { host: '::1', port: 0 }],
    ['a target as text', fields.targetAddress(), 'orders-service:50052', 'orders-service:50052'],
    ['a URL without trailing slash', fields.httpsUrl(), 'https://A:8451/x/', 'https://a:8451/x'],
    ['an issuer verbatim', fields.issuerUrl(), 'https://localhost:8443', 'https://localhost:8443'],
    ['an integer', fields.integer({ min: -5, max: 5 }), '-3', -3],
    ['seconds', fields.durationSeconds({ min: 300, max: 900 }), '900', 900],
    ['a log level', fields.logLevel(), 'warn', 'warn'],
    ['a trust domain', fields.trustDomain(), 'sallyport.internal', 'sallyport.internal'],
    ['a namespace', fields.namespaceName(), 'sallyport', 'sallyport'],
    ['a directory', fields.directory(), folder, folder],
    ['a file', fields.file(), existingFile, existingFile],
    ['a secret', fields.secretText({ minLength: 4 }), 'four', 'four'],
    [
      'a loopback database',
      fields.databaseUrl(),
      'postgres://u:p@127.0.0.1:5/d',
      'postgres://u:p@127.0.0.1:5/d',
    ],
    [
      'a socket database',
      fields.databaseUrl(),
      'postgres://u@%2Frun%2Fpg/d',
      'postgres://u@%2Frun%2Fpg/d',
    ],
    [
      'a socket parameter',
      fields.databaseUrl(),
      'postgres:///d?host=/run',
      'postgres:///d?host=/run',
    ],
    [
      'a verified remote database',
      fields.databaseUrl(),
      'postgres://db/d?sslmode=verify-full',
      'postgres://db/d?sslmode=verify-full',
    ],
    ['a TLS Redis', fields.redisUrl(), 'rediss://u:p@cache:6379/0', 'rediss://u:p@cache:6379/0'],
    ['a loopback Redis', fields.redisUrl(), 'redis://[::1]:6379', 'redis://[::1]:6379'],
    ['a Redis socket', fields.redisUrl(), 'unix:///run/redis.sock', 'unix:///run/redis.sock'],
    [
      'an SMTP server',
      fields.smtpUrl(),
      'smtps://u:p@mail.example:465',
      'smtps://u:p@mail.example:465',
    ],
    ['a mailbox', fields.mailbox(), 'no-reply@mail.example', 'no-reply@mail.example'],
    ['a default', fields.logLevel().default('info'), '', 'info'],
    [
      'a default as text',
      fields.listenAddress().prefault('[::1]:1'),
      undefined,
      { host: '::1', port: 1 },
    ],
    ['nothing for an optional one', fields.file().optional(), undefined, undefined],
  ])('%s', (_name, schema, value, expected) => {
    expect(read(schema, value)).toEqual(expected);
  });
});
