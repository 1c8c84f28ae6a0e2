import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { createLogger, type LogFields } from './logger';

const random = (bytes: number) => randomBytes(bytes).toString('base64url');
const digits = (count: number) =>
  Array.from({ length: count }, () => String(randomBytes(1).readUInt8() % 10)).join('');
const letters = (count: number) => randomBytes(count).toString('hex').slice(0, count);

/** A secret, and how it stands in a text that names it in no way the code chose. */
interface Planted {
  readonly secret: string;
  readonly text: string;
}

/** Everything of this system that can be told by its shape. */
const SHAPES: Readonly<Record<string, () => Planted>> = {
  'access token': () => {
    const secret = random(32);
    const payload = Buffer.from('{"sub":"u"}').toString('base64url');
    return { secret, text: `eyJhbGciOiJSUzI1NiJ9.${payload}.${secret}` };
  },
  'API key': () => {
    const secret = `sp_${letters(16)}_${letters(49)}`;
    return { secret, text: `key%3D${secret}` };
  },
  'authorization header': () => {
    const secret = random(24);
    return { secret, text: `Bearer ${secret}` };
  },
  'refresh cookie': () => {
    const secret = random(32);
    return { secret, text: `a=1; __Secure-sallyport-refresh=${secret}; b=2` };
  },
  'device cookie': () => {
    const secret = random(32);
    return { secret, text: `__Host-sallyport-device=${secret}` };
  },
  'link in a mail': () => {
    const secret = random(32);
    return { secret, text: `https://localhost:8443/reset?token=${secret}&lang=en` };
  },
  'database URL': () => {
    const secret = random(18);
    return { secret, text: `postgres://sallyport_auth:${secret}@127.0.0.1:5432/sallyport_auth` };
  },
  'form of a client': () => {
    const secret = random(24);
    return { secret, text: `grant_type=client_credentials&client_secret=${secret}` };
  },
  'password hash': () => {
    const secret = random(24);
    return { secret, text: `$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$${secret}` };
  },
  'private key': () => {
    const secret = random(48);
    return { secret, text: `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----` };
  },
};

/** Names under which the value is never written, whatever it looks like. */
const NAMES: Readonly<Record<string, () => string>> = {
  password: () => random(12),
  newPassword: () => random(12),
  refresh_token: () => random(32),
  mfaToken: () => random(32),
  otp: () => digits(8),
  recoveryCodes: () => random(12),
  client_secret: () => random(24),
  cookie: () => random(32),
  'set-cookie': () => random(32),
  Authorization: () => random(32),
  'X-API-Key': () => random(32),
  dpop: () => random(32),
  'txn-token': () => random(32),
  privateKeyPem: () => random(32),
};

/** The ways in which the code nests what it logs; what is deeper is not written at all. */
const nestings: readonly ((value: unknown) => unknown)[] = [
  (value) => ({ detail: value }),
  (value) => [1, value],
  (value) => new Map([['value', value]]),
  (value) => new Set([value]),
  (value) => Object.assign(new Error('failed', { cause: value }), { code: 'E' }),
  (value) => Object.assign(new Error('failed'), { rows: [value], response: value }),
  (value) => new Error(`could not read ${String(value)}`),
  (value) => ({ headers: { accept: '*/*', value } }),
  (value) => JSON.stringify({ value }),
];

const nested = (value: unknown, ways: readonly number[]): unknown =>
  ways.reduce((inner, way) => nestings[way]?.(inner), value);

function lineOf(fields: LogFields, inherited: Readonly<Record<string, unknown>> = {}): string {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  createLogger({ service: 'gateway', level: 'trace', destination }).child(inherited).info(fields);
  return lines.join('');
}

const ways = fc.array(fc.nat(nestings.length - 1), { maxLength: 7 });

it.each(Object.entries(SHAPES))('writes no %s, wherever it stands in a text', (_, plant) => {
  fc.assert(
    fc.property(ways, fc.string(), fc.boolean(), (path, around, isInherited) => {
      const { secret, text } = plant();
      const value = nested(`${around} ${text} ${around}`, path);
      const line = isInherited
        ? lineOf({ event: 'x' }, { field: value })
        : lineOf({ event: 'x', field: value });
      expect(line).not.toContain(secret);
      expect(JSON.parse(line)).toMatchObject({ event: 'x', service: 'gateway' });
    }),
    { numRuns: 60 },
  );
});

it.each(Object.entries(NAMES))('writes nothing that is named %s', (name, plant) => {
  // What an object is turned into text with, its names are gone from: that is for the shapes.
  const objects = fc.array(fc.constantFrom(0, 1, 2, 3, 4, 5, 7), { maxLength: 5 });
  fc.assert(
    fc.property(objects, objects, (inside, outside) => {
      const secret = plant();
      const line = lineOf({
        event: 'x',
        field: nested({ [name]: nested(secret, inside) }, outside),
      });
      expect(line).not.toContain(secret);
    }),
    { numRuns: 40 },
  );
});

it('writes what is no secret', () => {
  const kid = random(32);
  expect(lineOf({ event: 'x', kid, target: 'GET /orders/:id', note: 'a = b' })).toContain(kid);
  expect(lineOf({ event: 'x', note: 'costs $5, 10 % off, sp_short' })).toContain(
    'costs $5, 10 % off, sp_short',
  );
});
