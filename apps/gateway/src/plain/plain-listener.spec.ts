import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { mintApiKey } from '@sallyport/api-keys';
import { createLogger } from '@sallyport/observability';
import { RecordedSecurityEvents } from '@sallyport/testing';
import {
  TokenRejected,
  type AccessTokenClaims,
  type VerifiesAccessTokens,
} from '@sallyport/tokens';
import type { ExposedCredentials } from './exposed-credentials';
import { ExposureQueue } from './exposure-queue';
import { PlainListener } from './plain-listener';

const JWS = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln';
const { presentedKey: API_KEY } = mintApiKey();
const REFRESH_TOKEN = 'nS7Qe0m3bZ5xkT1vJ9wYcR2hL6aPdF8gU4iOqWsXtEo';

const events = new RecordedSecurityEvents();
let revoked: string[];
let log: string[];
let failures: number;
let listener: PlainListener;
let queue: ExposureQueue;

const revoke =
  (kind: string) =>
  (credential: string): Promise<void> => {
    failures -= 1;
    if (failures >= 0) return Promise.reject(new Error('away'));
    revoked.push(`${kind} ${credential}`);
    return Promise.resolve();
  };
/** Takes one token for good, and cannot tell about any while it is away. */
const accessTokens: VerifiesAccessTokens = {
  verify: (token) =>
    token === JWS
      ? Promise.resolve({} as AccessTokenClaims)
      : Promise.reject(new TokenRejected('token_signature_invalid')),
};
const exposed: ExposedCredentials = { revokeToken: revoke('token'), revokeApiKey: revoke('key') };

async function start(mostWaiting = 10): Promise<void> {
  const logger = createLogger({
    service: 'gateway',
    level: 'trace',
    destination: { write: (line) => void log.push(line) },
  });
  queue = new ExposureQueue({ exposed, accessTokens, logger, everyMs: 2, mostWaiting });
  listener = await PlainListener.start({
    listen: { host: '127.0.0.1', port: 0 },
    events,
    exposures: queue,
    limits: { lookEveryMs: 20, headMs: 100, requestMs: 100, stalledMs: 200 },
  });
}

beforeEach(async () => {
  events.clear();
  [revoked, log, failures] = [[], [], 0];
  await start();
});
afterEach(async () => {
  queue.close();
  await listener.close();
});

async function exchange(bytes: string): Promise<string> {
  const socket = connect(listener.port, '127.0.0.1');
  socket.write(bytes, 'latin1');
  return text(socket);
}

const get = (...headers: string[]) =>
  ['GET /orders HTTP/1.1', 'Host: a', ...headers, '', ''].join('\r\n');
const post = (type: string, body: string) =>
  [
    'POST /a HTTP/1.1',
    'Host: a',
    `Content-Type: ${type}`,
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');

const smuggling = (header: string) =>
  `POST / HTTP/1.1\r\nHost: a\r\n${header}\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`;

describe('a request in clear', () => {
  it.each<[string, string]>([
    ['to a route', get()],
    ['to no route', 'GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n'],
    [
      'to the root, as a browser begins',
      'GET / HTTP/1.1\r\nHost: a\r\nUpgrade-Insecure-Requests: 1\r\n\r\n',
    ],
    ['to the documentation', 'GET /docs HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['of HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n'],
    ['without Host', 'GET / HTTP/1.1\r\n\r\n'],
    ['in absolute form', 'GET http://a/orders HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['for a tunnel', 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n'],
    ['for another protocol', get('Connection: Upgrade', 'Upgrade: h2c')],
    ['that expects to go on', get('Content-Length: 1', 'Expect: 100-continue') + 'a'],
    ['that expects something else', get('Expect: miracles')],
    ['that asks to keep the connection', get('Connection: keep-alive')],
    ['before another one', get() + get()],
    ['with a body', post('application/json', '{"a":1}')],
    ['with half a body', post('text/plain', 'ab').slice(0, -1)],
  ])('%s gets 400, no redirect, no HSTS, and the end of the connection', async (_name, bytes) => {
    const answer = await exchange(bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*"code":"https_required"/);
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    expect(answer).toMatch(/\r\ncontent-security-policy: default-src 'none'/);
    expect(answer).not.toMatch(/\r\n(?:location|strict-transport-security|set-cookie|upgrade):/i);
    expect(events.refusals).toEqual(['https_required']);
    expect(revoked).toEqual([]);
  });

  it.each<[string, string]>([
    ['is not HTTP', 'nonsense\r\n\r\n'],
    ['is a TLS handshake', '\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00'],
    [
      'smuggles',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    ],
    ['has headers without end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`],
    ['stops in its head', 'GET / HTTP/1.1\r\nHost'],
    ['is nothing', ''],
  ])('that %s is closed without a word', async (_name, bytes) => {
    expect(await exchange(bytes).catch(() => '')).toBe('');
    expect(events.all).toEqual([]);
  });
});

it('a client that resets its connection ends nothing but that', async () => {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const socket = connect(listener.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n');
    setImmediate(() => socket.resetAndDestroy());
    await once(socket, 'close');
  }
  await pause(50);
  expect(await exchange(get())).toMatch(/^HTTP\/1\.1 400 /);
});

it('an API key that is none (and could be one of another system) is reported', async () => {
  await exchange(get('x-api-key: abc'));
  expect(events.refusals).toEqual(['credential_sent_in_clear']);
  expect(revoked).toEqual([]);
});

it.each<[string, string]>([
  ['a login', post('application/json', '{"email":"a@b.example","password": "secret"}')],
  ['a change of it', post('application/json', '{"newPassword":"secret"}')],
  ['a form', post('application/x-www-form-urlencoded', 'user=a&password=secret')],
  ['Basic', get('Authorization: Basic YTpi')],
])('a password in clear (%s) is reported', async (_name, bytes) => {
  expect(await exchange(bytes)).toMatch(/^HTTP\/1\.1 400 /);
  expect(events.refusals).toEqual(['credential_sent_in_clear']);
  expect(revoked).toEqual([]);
});

describe('a credential in clear is revoked', () => {
  it.each<[string, string, string[]]>([
    ['an access token', get(`Authorization: Bearer ${JWS}`), [`token ${JWS}`]],
    ['of any form', get('authorization: bearer opaque-token'), ['token opaque-token']],
    [
      'in a spelling that is refused elsewhere',
      get(`Authorization_: Bearer ${JWS}`),
      [`token ${JWS}`],
    ],
    ['an API key', get(`X-API-Key: ${API_KEY}`), [`key ${API_KEY}`]],
    ['an API key under another name', get(`x_api_key: ${API_KEY}`), [`key ${API_KEY}`]],
    [
      'the refresh cookie',
      get(`Cookie: a=b; __Secure-sallyport-refresh=${REFRESH_TOKEN}`),
      [`token ${REFRESH_TOKEN}`],
    ],
    [
      'a token in the URL',
      `GET /a?t=${JWS.replaceAll('.', '%2E')} HTTP/1.1\r\n\r\n`,
      [`token ${JWS}`],
    ],
    ['a token in a cookie', get(`Cookie: session=${JWS}`), [`token ${JWS}`]],
    [
      'a token in a form',
      post('application/x-www-form-urlencoded', `token=${REFRESH_TOKEN}&a=b`),
      [`token ${REFRESH_TOKEN}`],
    ],
    [
      'a token in JSON',
      post('application/json', `{"refresh_token": "${REFRESH_TOKEN}"}`),
      [`token ${REFRESH_TOKEN}`],
    ],
    ['a JWS anywhere in a body', post('text/plain', `see ${JWS}`), [`token ${JWS}`]],
    [
      'two at once',
      get(`Authorization: Bearer ${JWS}`, `X-API-Key: ${API_KEY}`),
      [`token ${JWS}`, `key ${API_KEY}`],
    ],
    [
      'one that stands twice, once',
      get(`Authorization: Bearer ${JWS}`, `X-Copy: ${JWS}`),
      [`token ${JWS}`],
    ],
  ])('%s', async (_name, bytes, expected) => {
    const answer = await exchange(bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    while (revoked.length < expected.length) await pause(2);
    expect(revoked).toEqual(expected);
    expect(events.all).toEqual([
      expect.objectContaining({ type: 'transport', reason: 'credential_sent_in_clear' }),
    ]);
    for (const credential of expected) {
      const value = credential.split(' ')[1] ?? '';
      expect(answer + JSON.stringify(events.all) + log.join('')).not.toContain(value);
    }
  });

  it.each<[string, string]>([
    ['with lines ended by LF', `GET / HTTP/1.1\nHost: a\nAuthorization: Bearer ${JWS}\n\n`],
    ['on a folded line', get(`Authorization: Bearer\r\n ${JWS}`)],
    ['behind a length and chunks', smuggling(`Authorization: Bearer ${JWS}`)],
    ['in a head without end', `GET / HTTP/1.1\r\nAuthorization: Bearer ${JWS}\r\nX: a`],
    ['in a head that is too large', get(`Cookie: a=${'x'.repeat(17_000)}; b=${JWS}`)],
    ['in a large head', get(`Cookie: a=${'x'.repeat(9_000)}; b=${JWS}`)],
    ['late in a body', post('text/plain', `${' '.repeat(5_000)}${JWS}`)],
    ['in a tunnel', `CONNECT a:1 HTTP/1.1\r\nProxy-Authorization: Bearer ${JWS}\r\n\r\n`],
  ])('even %s', async (_name, bytes) => {
    await exchange(bytes).catch(() => '');
    while (revoked.length === 0) await pause(2);
    expect(revoked).toEqual([`token ${JWS}`]);
    expect(events.refusals).toEqual(['credential_sent_in_clear']);
  });

  it.each<[string, string]>([
    ['in a refresh cookie', smuggling(`Cookie: __Secure-sallyport-refresh=${REFRESH_TOKEN}`)],
    ['of any form', smuggling(`authorization: bearer ${REFRESH_TOKEN}`)],
  ])('even an opaque one in what is no request, %s', async (_name, bytes) => {
    await exchange(bytes);
    while (revoked.length === 0) await pause(2);
    expect(revoked).toEqual([`token ${REFRESH_TOKEN}`]);
  });

  it('before any number of made-up ones', async () => {
    failures = 1_000_000;
    for (let sent = 0; sent < 15; sent += 1) {
      await exchange(get(`Authorization: Bearer made-up-${sent}`, `X: ${JWS}x${sent}`));
    }
    failures = 0;
    revoked.length = 0;
    await exchange(get(`Authorization: Bearer ${JWS}`));
    const before = revoked.length;
    while (!revoked.includes(`token ${JWS}`)) await pause(2);
    // Whatever was dealt with by the time it was heard of, and the one that was being dealt with.
    expect(revoked.indexOf(`token ${JWS}`)).toBeLessThanOrEqual(before + 1);
    expect(revoked.join()).not.toContain(`${JWS}x`);
  });

  it('later, when it cannot be done at once', async () => {
    failures = 3;
    await exchange(get(`Authorization: Bearer ${JWS}`));
    while (revoked.length === 0) await pause(2);
    expect(revoked).toEqual([`token ${JWS}`]);
  });

  it('in no greater number than is bearable', async () => {
    queue.close();
    for (let sent = 0; sent < 15; sent += 1) {
      await exchange(get(`Authorization: Bearer made-up-${sent}`));
    }
    expect(events.refusals).toHaveLength(15);
    expect(log.filter((line) => line.includes('exposed_credential_not_revoked'))).toHaveLength(5);
  });

  it('given up after some attempts, and said so', async () => {
    failures = 1_000;
    await exchange(get(`Authorization: Bearer ${JWS}`));
    while (log.length === 0) await pause(2);
    expect(log.join('')).toContain('exposed_credential_not_revoked');
    expect(log.join('')).not.toContain(JWS);
  });
});
