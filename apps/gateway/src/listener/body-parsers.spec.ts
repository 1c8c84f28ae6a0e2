import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { collectAccessDeclarations } from '@sallyport/nest-zero-trust';
import {
  expectRefusal,
  startTestGateway,
  statusAndCode,
  type TestGateway,
} from '../gateway.fixture';

const FORM = ['content-type', 'application/x-www-form-urlencoded'] as const;
/** What the standards and the pages of the authorization server submit. */
const TAKES_A_FORM = /^POST \/(?:oauth2\/|auth\/(?:forgot|reset|confirm|not-me)$)/;

let gateway: TestGateway;
let credential: readonly [string, string];
let writing: readonly (readonly [method: string, path: string])[];
beforeAll(async () => {
  gateway = await startTestGateway();
  const scope = 'orders:write keys:manage accounts:manage clients:manage';
  credential = ['authorization', `Bearer ${gateway.mint.accessToken({ payload: { scope } })}`];
  writing = collectAccessDeclarations(gateway.app)
    .map(({ target }) => target)
    .filter((target) => !target.startsWith('GET ') && !TAKES_A_FORM.test(target))
    .map((target) => target.split(' ') as [string, string]);
});
afterAll(() => gateway.close());

it('a form is refused wherever it is not asked for', async () => {
  expect(writing.length).toBeGreaterThan(10);
  for (const [method, path] of writing) {
    gateway.reset();
    const body = 'token=a&email=a&password=b';
    const answer = await gateway.send({ method, path, headers: [credential, FORM], body });
    expectRefusal(gateway, answer, { status: 415, code: 'media_type_unsupported' });
  }
});

it('an empty form is refused there, too', async () => {
  for (const [method, path] of writing) {
    gateway.reset();
    const answer = await gateway.send({ method, path, headers: [credential, FORM], body: '' });
    expect([path, ...statusAndCode(answer)]).toEqual([path, 415, 'media_type_unsupported']);
    expect(gateway.upstreamCalls()).toEqual([]);
  }
});

const LOGIN = '{"email":"ada@example.com","password":"correct horse battery staple"}';
const A_TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln';

const login = (body: string, contentType = 'application/json') => {
  gateway.reset();
  const bytes = `POST /auth/login HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: ${contentType}\r\n`;
  return gateway.exchange(`${bytes}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
};

it.each<[string, string, number, string, string?]>([
  ['that is none', '{', 400, 'body_malformed'],
  [
    'that names a member twice',
    LOGIN.replace('{', '{"email":"b@example.com",'),
    400,
    'body_malformed',
  ],
  [
    'that names it in two spellings',
    LOGIN.replace('{', '{"\\u0065mail":"b",'),
    400,
    'body_malformed',
  ],
  ['that is too large', `"${'x'.repeat(70_000)}"`, 413, 'body_too_large'],
  [
    'with a token',
    LOGIN.replace('{', `{"a":"${A_TOKEN}",`),
    400,
    'validation_failed',
    'credential_misplaced',
  ],
])('a JSON body %s leaves one event', async (_name, body, status, code, reason = code) => {
  const answer = await login(body);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [^]*"code":"${code}"`));
  expect(gateway.events.all).toMatchObject([
    { type: 'request', outcome: 'refused', reason, target: 'POST /auth/login' },
  ]);
  expect(JSON.stringify(gateway.events.all) + gateway.log.join('')).not.toContain(A_TOKEN);
  expect(gateway.upstreamCalls()).toEqual([]);
});

it('a JSON body that is no UTF-8 is refused', async () => {
  const socket = connect({ host: '127.0.0.1', port: gateway.port, rejectUnauthorized: false });
  gateway.reset();
  const head = 'POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';
  socket.write(`${head}Connection: close\r\nContent-Length: 13\r\n\r\n{"email":"\xff"}`, 'latin1');
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 [^]*"code":"body_malformed"/);
});

it('two charsets are refused, one that is UTF-8 is not', async () => {
  const type = 'application/json; charset=utf-8';
  expect(await login(LOGIN, `${type}; charset=utf-16`)).toMatch(/^HTTP\/1\.1 415 /);
  expect(await login(LOGIN, `${type}; charset=utf-8`)).toMatch(/^HTTP\/1\.1 415 /);
  expect(await login(LOGIN, type)).not.toMatch(/^HTTP\/1\.1 4/);
  expect(gateway.upstreamCalls()).toHaveLength(1);
});
