import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { runWithCorrelation } from '@sallyport/observability';
import { TOKEN_EXCHANGE, WorkloadAssertionVerifier } from '@sallyport/principal';
import { FakeCa, RecordedSecurityEvents } from '@sallyport/testing';
import { systemClock } from '@sallyport/tokens';
import { internalHttpsOptions } from '../http/internal-https';
import { TransactionTokenClient } from './transaction-token-client';

const JOB = { job: 'settle-orders', scopes: ['charges:resolve', 'charges:void'] } as const;

const ISSUED = {
  access_token: 'the.issued.token',
  issued_token_type: TOKEN_EXCHANGE.transactionToken,
  token_type: 'N_A',
  expires_in: 60,
};

describe('TransactionTokenClient', () => {
  let ca: FakeCa;
  const servers: Server[] = [];
  const clients: TransactionTokenClient[] = [];
  beforeAll(async () => {
    ca = await FakeCa.create();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await once(server.close(), 'close');
    }
  });

  /** A client of orders-service whose token service has this identity and answers like this. */
  async function clientOf(listener: RequestListener, identity = 'auth-service') {
    const server = createServer(internalHttpsOptions(await ca.source(identity)), listener);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    servers.push(server);
    const { port } = server.address() as AddressInfo;
    return clientAt(`https://127.0.0.1:${port}`);
  }

  async function clientAt(url: string) {
    const events = new RecordedSecurityEvents();
    const client = new TransactionTokenClient({
      source: await ca.source('orders-service'),
      ...{ trustDomain: ca.trustDomain, service: ca.spiffeId('auth-service') },
      ...{ url, clock: systemClock, events },
    });
    clients.push(client);
    return { client, events };
  }

  const answering =
    (status: number, content: string): RequestListener =>
    (_request, response) => {
      response.writeHead(status).end(content);
    };

  const issued = (change: object) => answering(200, JSON.stringify({ ...ISSUED, ...change }));
  const refusal = JSON.stringify({ error: 'invalid_scope', error_description: 'x' });

  it.each([
    ['it is not up to it', answering(503, ''), 'UNAVAILABLE', 'txn_token_service_unavailable'],
    ['it has had enough', answering(429, ''), 'UNAVAILABLE', 'txn_token_service_unavailable'],
    ['it has a fault', answering(500, ''), 'UNAVAILABLE', 'txn_token_service_unavailable'],
    ['it hangs up', hangUp, 'UNAVAILABLE', 'txn_token_service_unavailable'],
    ['it refuses', answering(400, refusal), 'PERMISSION_DENIED', 'txn_token_refused'],
    ['it knows nobody', answering(403, '{}'), 'PERMISSION_DENIED', 'txn_token_refused'],
    ['it redirects', answering(302, ''), 'PERMISSION_DENIED', 'txn_token_refused'],
    ['it answers no JSON', answering(200, 'token'), 'INTERNAL', 'txn_token_reply_invalid'],
    ['it answers null', answering(200, 'null'), 'INTERNAL', 'txn_token_reply_invalid'],
    ['the token is none', issued({ access_token: 1 }), 'INTERNAL', 'txn_token_reply_invalid'],
    [
      'the token is a bearer token',
      issued({ token_type: 'Bearer' }),
      'INTERNAL',
      'txn_token_reply_invalid',
    ],
    [
      'the token is of another type',
      issued({ issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' }),
      'INTERNAL',
      'txn_token_reply_invalid',
    ],
  ])('has no token when %s', async (_name, listener, status, reason) => {
    const { client } = await clientOf(listener);
    await expect(client.begin(JOB)).rejects.toMatchObject({ status, reason });
  });

  it('has no token when nobody is there', async () => {
    const { client } = await clientAt('https://127.0.0.1:1');
    await expect(client.begin(JOB)).rejects.toMatchObject({ status: 'UNAVAILABLE' });
  });

  it('sends nothing to a server that is another workload, and leaves a trace', async () => {
    const requests: unknown[] = [];
    const { client, events } = await clientOf((request) => requests.push(request.url), 'gateway');
    await expect(client.begin(JOB)).rejects.toMatchObject({ status: 'UNAVAILABLE' });
    expect(requests).toEqual([]);
    expect(events.all).toEqual([
      expect.objectContaining({ type: 'transport', outcome: 'refused' }),
    ]);
  });

  it('asks as the draft says, with an assertion of its own for each request', async () => {
    const forms: Record<string, string>[] = [];
    const correlationIds: unknown[] = [];
    const { client } = await clientOf((request, response) => {
      correlationIds.push(request.headers['x-correlation-id']);
      void text(request).then((body) => {
        forms.push(Object.fromEntries(new URLSearchParams(body)));
        response.end(JSON.stringify(ISSUED));
      });
    });
    const given = [
      await runWithCorrelation('correlation-1', () => client.begin(JOB)),
      await client.begin(JOB),
      await client.narrow('the.issued.token', ['charges:void']),
    ];
    expect(given).toEqual(Array(3).fill('the.issued.token'));
    expect(correlationIds).toEqual(['correlation-1', undefined, undefined]);
    const common = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      requested_token_type: 'urn:ietf:params:oauth:token-type:txn_token',
      audience: 'sallyport.internal',
    };
    const begun = {
      ...common,
      scope: 'charges:resolve charges:void',
      subject_token_type: 'urn:ietf:params:oauth:token-type:self_signed',
      subject_token: expect.any(String) as string,
      request_context: '{"job":"settle-orders"}',
    };
    const narrowed = {
      ...common,
      scope: 'charges:void',
      subject_token_type: 'urn:ietf:params:oauth:token-type:txn_token',
      subject_token: 'the.issued.token',
    };
    expect(forms).toEqual([begun, begun, narrowed]);

    const assertions = new WorkloadAssertionVerifier({
      bundle: () => ca.bundle(),
      ...{ trustDomain: ca.trustDomain, clock: systemClock, audience: ca.spiffeId('auth-service') },
    });
    const [first, second] = forms.map((form) => form['subject_token'] ?? '');
    const of = (token = '') => assertions.verify(token, ca.spiffeId('orders-service')).jti;
    expect(of(first)).not.toBe(of(second));
  });
});

function hangUp(...[request]: Parameters<RequestListener>): void {
  request.socket.destroy();
}
