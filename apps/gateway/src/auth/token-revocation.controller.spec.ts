import { RpcError } from '@sallyport/contracts';
import {
  expectRefusal,
  startTestGateway,
  statusAndCode,
  type Sent,
  type TestGateway,
} from '../gateway.fixture';

const TOKEN = 'tell-nobody-4f1c';
const FORM = ['content-type', 'application/x-www-form-urlencoded'] as const;
const invalid = { status: 400, code: 'invalid_request', extensions: { error: 'invalid_request' } };

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
  gateway.transports.auth.answer('revokeToken', {});
});
afterEach(() => {
  const traces = [...gateway.log, JSON.stringify(gateway.events.all)].join('');
  expect(traces).not.toContain(TOKEN);
});

const revoke = (sent: Partial<Sent>) =>
  gateway.send({ method: 'POST', path: '/oauth2/revoke', headers: [FORM], ...sent });

describe('a revocation is refused', () => {
  it.each<[string, string]>([
    ['without anything', ''],
    ['without a token', 'token_type_hint=access_token'],
    ['with an empty token', 'token='],
    ['with two tokens', `token=${TOKEN}&token=b`],
    ['with the same token twice', `token=${TOKEN}&token=${TOKEN}`],
    ['with an empty token beside one', `token=${TOKEN}&token=`],
    ['with two hints', `token=${TOKEN}&token_type_hint=a&token_type_hint=b`],
    ['with a token in another case', `Token=${TOKEN}`],
    ['with a list of tokens', `token[]=${TOKEN}`],
  ])('%s', async (_name, body) => {
    expectRefusal(gateway, await revoke({ body }), invalid);
  });

  it.each<[string, string | undefined, string]>([
    ['JSON', 'application/json', JSON.stringify({ token: TOKEN })],
    ['JSON, and empty', 'application/json', ''],
    ['plain text', 'text/plain', `token=${TOKEN}`],
    ['of parts', 'multipart/form-data; boundary=a', `--a\r\n\r\n${TOKEN}\r\n--a--`],
    ['of no type', undefined, `token=${TOKEN}`],
    ['of no type, and empty', undefined, ''],
    ['in another charset', `${FORM[1]}; charset=utf-16`, `token=${TOKEN}`],
  ])('with a body that is %s', async (_name, type, body) => {
    const headers = type === undefined ? [] : [['content-type', type] as const];
    const answer = await revoke({ headers, body });
    expectRefusal(gateway, answer, { ...invalid, reason: 'media_type_unsupported' });
  });

  it('with a compressed body', async () => {
    const headers = [FORM, ['content-encoding', 'gzip'] as const];
    const answer = await revoke({ headers, body: `token=${TOKEN}` });
    expectRefusal(gateway, answer, { ...invalid, reason: 'media_type_unsupported' });
  });

  it('with a body longer than any token', async () => {
    const answer = await revoke({ body: `token=${'x'.repeat(16 * 1024)}` });
    expect(statusAndCode(answer)).toEqual([413, 'body_too_large']);
    expect(gateway.upstreamCalls()).toEqual([]);
  });

  it.each<[string, string]>([
    ['authorization', `Bearer ${TOKEN}`],
    ['authorization', 'Basic YTpi'],
    ['x-api-key', TOKEN],
  ])('with another credential beside the token: %s', async (name, value) => {
    const answer = await revoke({ headers: [FORM, [name, value]], body: `token=${TOKEN}` });
    expectRefusal(gateway, answer, { status: 400, code: 'multiple_credentials' });
  });

  it('with the token in the URL', async () => {
    const answer = await revoke({ path: `/oauth2/revoke?token=${TOKEN}`, body: '' });
    expectRefusal(gateway, answer, { status: 400, code: 'credential_in_url' });
  });

  it('while it cannot be recorded', async () => {
    gateway.transports.auth.fail('revokeToken', new RpcError('UNAVAILABLE', 'unavailable'));
    const answer = await revoke({ body: `token=${TOKEN}` });
    expect(statusAndCode(answer)).toEqual([503, 'service_unavailable']);
    expect(answer.headers['retry-after']).toBe('2');
  });
});

describe('a revocation', () => {
  it.each<[string, string, string]>([
    ['a token alone', `token=${TOKEN}`, TOKEN],
    ['a hint, which makes no difference', `token_type_hint=what&token=${TOKEN}`, TOKEN],
    ['parameters that are not known', `token=${TOKEN}&client_id=web&x=1`, TOKEN],
    ['a token that has to be encoded', 'token=a%2Bb+c%26token%3Dd', 'a+b c&token=d'],
    ['a token as long as one may be', `token=${'x'.repeat(8192)}`, 'x'.repeat(8192)],
  ])('takes %s', async (_name, body, token) => {
    const answer = await revoke({ body });
    expect(answer).toMatchObject({ status: 200, body: '' });
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(gateway.upstreamCalls()).toMatchObject([
      { path: '/sallyport.auth.v1.AuthService/RevokeToken', request: { token } },
    ]);
    expect(gateway.upstreamCalls()[0]?.options.metadata).toEqual({
      'x-correlation-id': answer.headers['x-correlation-id'],
      'x-client-address': '127.0.0.1',
    });
    expect(gateway.handled).toMatchObject([{ target: 'POST /oauth2/revoke', status: 200 }]);
    expect(gateway.events.all).toEqual([]);
  });

  it('says the charset its body has', async () => {
    const headers = [['content-type', `${FORM[1]}; charset=UTF-8`]] as const;
    expect(await revoke({ headers, body: `token=${TOKEN}` })).toMatchObject({ status: 200 });
  });

  it('is taken while it cannot be known what else was revoked', async () => {
    gateway.revocations.isCurrent = false;
    expect(await revoke({ body: `token=${TOKEN}` })).toMatchObject({ status: 200 });
  });
});
