import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { mintSecret } from '@sallyport/api-keys';
import { makeApiKey, rotateApiKey, sendWithKey } from '../src/api-keys';
import type { HeldApiKey } from '../src/api-keys';
import { sharedCluster } from '../src/cluster-facts';
import { refreshTokenOf, renew, signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { endpointAt, endpointOf } from '../src/dialling';
import { eventually } from '../src/eventually';
import { Evidence } from '../src/evidence';
import { EVIDENCE, needs } from '../src/needs';
import { PublicClient } from '../src/public-client';
import { parseResponse } from '../src/public-response';
import type { PublicResponse } from '../src/public-response';
import { ServiceLog } from '../src/service-log';

needs(...EVIDENCE, 'plain-listener');

const { plainAddress, gatewayUrl, logFiles } = sharedCluster();

describe('a credential sent in clear', () => {
  const client = new PublicClient();
  const evidence = new Evidence();
  let customer: Customer;

  beforeEach(async () => {
    customer = await signUp(client);
  });

  const sendPlain = async (...lines: readonly string[]): Promise<PublicResponse> => {
    const socket = connect(endpointAt(plainAddress));
    socket.write(lines.join('\r\n'));
    return parseResponse(await text(socket));
  };

  const head = (...headers: readonly string[]): readonly string[] => [
    'GET /orders HTTP/1.1',
    'Host: localhost',
    ...headers,
    '',
    '',
  ];

  const statusWith = async (accessToken: string): Promise<number> =>
    (await client.send({ path: '/orders', accessToken })).status;

  const expectReported = async (answer: PublicResponse): Promise<void> => {
    expect(answer).toMatchObject({ status: 400, problem: { code: 'https_required' } });
    expect(answer.headers['strict-transport-security']).toBeUndefined();
    expect(answer.headers.location).toBeUndefined();
    const { securityEvents } = await evidence.of({ correlationId: answer.correlationId });
    const refused = securityEvents.filter(({ outcome }) => outcome === 'refused');
    expect(refused).toEqual([
      expect.objectContaining({ service: 'gateway', reason: 'credential_sent_in_clear' }),
    ]);
  };

  it.each<readonly [place: string, lines: (customer: Customer) => readonly string[]]>([
    ['as bearer token', ({ accessToken }) => head(`Authorization: Bearer ${accessToken}`)],
    ['in the URL', ({ accessToken }) => [`GET /?t=${accessToken} HTTP/1.1`, 'Host: a', '', '']],
    ['in a cookie', ({ accessToken }) => head(`Cookie: access_token=${accessToken}`)],
  ])('an access token %s is over', async (_, lines) => {
    expect(await statusWith(customer.accessToken)).toBe(200);

    await expectReported(await sendPlain(...lines(customer)));

    const seen = () => statusWith(customer.accessToken);
    expect(await eventually(seen, (status) => status === 401)).toBe(401);
  });

  it.each<readonly [place: string, lines: (customer: Customer) => readonly string[]]>([
    ['as cookie', ({ cookie }) => head(`Cookie: ${cookie}`)],
    [
      'in a form',
      (who) => {
        const body = `grant_type=refresh_token&refresh_token=${refreshTokenOf(who)}`;
        const length = `Content-Length: ${body.length}`;
        return ['POST /auth/refresh HTTP/1.1', 'Host: a', length, '', body];
      },
    ],
  ])('a refresh token %s ends its session', async (_, lines) => {
    customer = await renew(client, customer);

    await expectReported(await sendPlain(...lines(customer)));

    const seen = () => statusWith(customer.accessToken);
    expect(await eventually(seen, (status) => status === 401)).toBe(401);
    const { cookie } = customer;
    const headers = [['Cookie', cookie]] as const;
    const answer = await client.send({ method: 'POST', path: '/auth/refresh', headers });
    expect(answer.status).toBe(401);
  });

  it.each<readonly [place: string, lines: (key: string) => readonly string[]]>([
    ['in its header', (key) => head(`X-API-Key: ${key}`)],
    ['in a header of another spelling', (key) => head(`x_api_key: ${key}`)],
    ['in the URL', (key) => [`GET /orders?key=${key} HTTP/1.1`, 'Host: a', '', '']],
    ['in a cookie', (key) => head(`Cookie: k=${key}`)],
  ])('an API key %s is over, with all of its secrets', async (_, lines) => {
    const old = await makeApiKey(client, customer);
    const key = await rotateApiKey(client, customer, old, 3600);
    const other = await makeApiKey(client, customer);
    const statusOf = async (held: HeldApiKey) => (await sendWithKey(client, held)).status;
    for (const each of [old, key, other]) expect(await statusOf(each)).toBe(200);

    await expectReported(await sendPlain(...lines(key.key)));

    for (const each of [key, old]) {
      const seen = () => statusOf(each);
      expect(await eventually(seen, (status) => status === 401)).toBe(401);
    }
    expect(await statusOf(other)).toBe(200);
  });

  it('an API key with another secret ends nothing', async () => {
    const key = await makeApiKey(client, customer);
    const forged = mintSecret(key.id).presentedKey;
    const answer = await sendPlain(...head(`X-API-Key: ${forged}`));
    await expectReported(answer);
    // It is dealt with behind the answer's back.
    const rpc = 'sallyport.apikeys.v1.ApiKeyService/RevokeExposedApiKey';
    const handled = async () => (await evidence.of(answer)).handledCalls;
    const isDone = (calls: readonly { readonly target: string }[]) =>
      calls.some(({ target }) => target === rpc);
    expect(isDone(await eventually(handled, isDone))).toBe(true);
    expect((await sendWithKey(client, key)).status).toBe(200);
  });

  it('ends nothing of anybody else, and is in no log', async () => {
    const other = await signUp(client);
    const answer = await sendPlain(...head(`Authorization: Bearer ${customer.accessToken}`));
    await expectReported(answer);
    await eventually(
      () => statusWith(customer.accessToken),
      (status) => status === 401,
    );

    expect(await statusWith(other.accessToken)).toBe(200);
    const signature = customer.accessToken.split('.')[2] ?? '';
    for (const file of Object.values(logFiles)) {
      expect(JSON.stringify(new ServiceLog(file).lines())).not.toContain(signature);
    }
  });

  it.each(['Bearer nonsense', 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.'])(
    'that is none (%s) is reported, and ends nothing',
    async (value) => {
      await expectReported(await sendPlain(...head(`Authorization: ${value}`)));
      expect(await statusWith(customer.accessToken)).toBe(200);
    },
  );

  it('never gets an answer on the port for TLS', async () => {
    const socket = connect(endpointOf(new URL(gatewayUrl)));
    socket.on('error', () => undefined);
    socket.write(head(`Authorization: Bearer ${customer.accessToken}`).join('\r\n'));
    expect(await text(socket).catch(() => '')).not.toContain('HTTP/');
  });
});
