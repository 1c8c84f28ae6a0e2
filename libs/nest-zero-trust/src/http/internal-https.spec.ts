import { Controller, Get, Headers } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { correlationId } from '@sallyport/observability';
import { encodeIdentityHeaders, type Principal } from '@sallyport/principal';
import { FakeCa, FakeClock } from '@sallyport/testing';
import { StaticSvidSource, type SvidSource } from '@sallyport/workload-identity';
import { once } from 'node:events';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { request, type Dispatcher } from 'undici';
import {
  AllowCallers,
  ClientAddress,
  correlateRequests,
  CurrentPrincipal,
  internalHttpsOptions,
  keepReloaded,
  mutualTlsAgent,
  nestOptions,
  Public,
  RequireScopes,
  TakesClientCertificate,
} from '../index';
import { moduleWith, Traces, trustOf } from '../probe-service.fixture';
import { RawClient } from '../raw-client.fixture';

@Controller()
class KeysController {
  @Get('keys')
  @AllowCallers('gateway')
  @Public()
  keys(@ClientAddress() address: string | undefined) {
    return { address: address ?? null, correlation: correlationId() };
  }

  @Get('own')
  @AllowCallers('gateway', 'orders-service')
  @RequireScopes('orders:read')
  own(@CurrentPrincipal() { id }: Principal) {
    return { id };
  }
}

@Controller('certificate')
class CertificateController {
  @Get()
  @AllowCallers('gateway', 'orders-service')
  @Public()
  @TakesClientCertificate()
  certificate(@Headers('client-cert') certificate: string | undefined) {
    return { certificate: certificate ?? null };
  }
}

const alice: Principal = { id: 'alice', type: 'user', scopes: new Set(['orders:read']) };

describe('an internal HTTPS listener', () => {
  let ca: FakeCa;
  let app: NestFastifyApplication;
  let source: StaticSvidSource;
  let port: number;
  const traces = new Traces();
  const clock = new FakeClock(new Date());
  const agents: Dispatcher[] = [];
  const sources = new Map<string, StaticSvidSource>();

  beforeAll(async () => {
    ca = await FakeCa.create();
    source = await ca.source('auth-service');
    for (const service of ['gateway', 'orders-service']) {
      sources.set(service, await ca.source(service));
    }
    const adapter = new FastifyAdapter({ https: internalHttpsOptions(source) });
    app = await NestFactory.create<NestFastifyApplication>(
      moduleWith(trustOf(ca, source, traces, clock), KeysController, CertificateController),
      adapter,
      nestOptions(traces.logger),
    );
    app.getHttpAdapter().getInstance().addHook('onRequest', correlateRequests);
    const server = app.getHttpServer() as unknown as Server;
    keepReloaded(server, { source, events: traces.events, clock: clock.now });
    await app.listen(0, '127.0.0.1');
    port = (server.address() as AddressInfo).port;
  });
  afterAll(async () => {
    await Promise.all(agents.map((agent) => agent.close()));
    await app.close();
  });
  beforeEach(() => traces.clear());

  const sourceOf = (service: string): StaticSvidSource => {
    const found = sources.get(service);
    if (!found) throw new TypeError(service);
    return found;
  };

  const agentOf = (from: SvidSource, peer = 'auth-service'): Dispatcher => {
    const agent = mutualTlsAgent({ source: from, peer: ca.spiffeId(peer) });
    agents.push(agent);
    return agent;
  };

  const get = async (service: string, path: string, headers: Record<string, string> = {}) => {
    const dispatcher = agentOf(sourceOf(service));
    const { statusCode, body } = await request(`https://127.0.0.1:${port}${path}`, {
      ...{ dispatcher, headers },
    });
    return { status: statusCode, body: (await body.json()) as Record<string, unknown> };
  };

  it.each(['source', 'peer'])('has no client without a %s', (missing) => {
    const options = { source, peer: ca.spiffeId('gateway'), [missing]: undefined };
    expect(() => mutualTlsAgent(options as unknown as { source: SvidSource; peer: never })).toThrow(
      TypeError,
    );
  });

  it('is not made without a source', () => {
    expect(() => internalHttpsOptions(undefined as unknown as SvidSource)).toThrow(TypeError);
  });

  it.each<[what: string, service: string, path: string, header: string]>([
    ['of another workload', 'orders-service', '/certificate', 'client-cert'],
    ['where none is taken', 'gateway', '/keys', 'client-cert'],
    ['where a user is meant', 'gateway', '/own', 'client-cert'],
    ['by another name', 'gateway', '/certificate', 'x-forwarded-client-cert'],
    ['by another spelling', 'gateway', '/certificate', 'client_cert'],
    ['with its chain', 'gateway', '/certificate', 'client-cert-chain'],
  ])('refuses the certificate of a client %s', async (_what, service, path, header) => {
    expect(await get(service, path, { [header]: ':AQ==:' })).toMatchObject({
      status: 403,
      body: { code: 'identity_headers_untrusted' },
    });
    expect(traces.events.all).toMatchObject([{ reason: 'identity_headers_untrusted' }]);
    expect(await get('gateway', '/certificate', { 'client-cert': ':AQ==:' })).toEqual({
      ...{ status: 200, body: { certificate: ':AQ==:' } },
    });
  });

  it('refuses a workload that the handler does not name', async () => {
    await expect(get('orders-service', '/keys')).resolves.toMatchObject({
      status: 403,
      body: { code: 'caller_not_allowed' },
    });
    expect(traces.events.all).toEqual([
      expect.objectContaining({
        type: 'authorization',
        reason: 'caller_not_allowed',
        caller: ca.spiffeId('orders-service').toString(),
        target: 'GET /keys',
      }),
    ]);
    expect(traces.handled).toEqual([]);
    await expect(get('gateway', '/keys')).resolves.toMatchObject({ status: 200 });
  });

  it('refuses identity headers from another workload than the gateway', async () => {
    await expect(get('orders-service', '/own', { X_User_Id: 'mallory' })).resolves.toMatchObject({
      status: 403,
      body: { code: 'identity_headers_untrusted' },
    });
    expect(traces.events.refusals).toEqual(['identity_headers_untrusted']);
    expect(traces.handled).toEqual([]);
    await expect(get('gateway', '/own', encodeIdentityHeaders(alice))).resolves.toEqual({
      status: 200,
      body: { id: 'alice' },
    });
  });

  it('refuses a user who lacks a scope', async () => {
    const headers = encodeIdentityHeaders({ ...alice, scopes: new Set() });
    await expect(get('gateway', '/own', headers)).resolves.toMatchObject({
      status: 403,
      body: { code: 'insufficient_scope' },
    });
    expect(traces.events.refusals).toEqual(['insufficient_scope']);
    expect(traces.handled).toEqual([]);
  });

  it('refuses a connection that has outlived its certificate', async () => {
    clock.advance({ seconds: 3601 });
    const refused = get('gateway', '/keys');
    await expect(refused).resolves.toMatchObject({ status: 401, body: { code: 'svid_expired' } });
    clock.advance({ seconds: -3601 });
    expect(traces.events.refusals).toEqual(['svid_expired']);
  });

  it('refuses a connection from the moment that its root is trusted no more', async () => {
    const before = source.current();
    const successors = await FakeCa.create();
    const gateway = sourceOf('gateway');
    const dispatcher = agentOf(new StaticSvidSource(gateway.current()));
    const ask = async (over: Dispatcher): Promise<number> => {
      const { statusCode, body } = await request(`https://127.0.0.1:${port}/keys`, {
        dispatcher: over,
      });
      await body.dump();
      return statusCode;
    };
    expect(await ask(dispatcher)).toBe(200);
    source.replace(await successors.context('auth-service'));
    expect(await ask(dispatcher)).toBe(401);
    expect(traces.events.refusals).toEqual(['svid_chain_untrusted']);
    expect(traces.handled).toHaveLength(1);

    expect(await ask(agentOf(await successors.source('gateway')))).toBe(200);
    source.replace(before);
  });

  it('ends a connection at its greatest age, after a response', async () => {
    const socket = new RawClient(port, ca.bundlePem).tls(await ca.leaf('gateway').issue(), {
      ALPNProtocols: ['http/1.1'],
    });
    const ask = async (): Promise<string> => {
      socket.write('GET /keys HTTP/1.1\r\nhost: auth-service\r\n\r\n');
      const [answer] = (await once(socket, 'data')) as [Buffer];
      return answer.toString('latin1').split('\r\n\r\n')[0]?.toLowerCase() ?? '';
    };
    expect(await ask()).toContain('connection: keep-alive');
    clock.advance({ seconds: 601 });
    expect(await ask()).toContain('connection: close');
    await once(socket, 'close');
    clock.advance({ seconds: -601 });
  });

  it.each([
    ['no certificate', () => Promise.resolve({}), 'tls_certificate_missing'],
    [
      'a self-signed certificate',
      () => ca.leaf('gateway').selfSigned().issue(),
      'tls_certificate_untrusted',
    ],
  ])('refuses %s in the handshake', async (_name, identity, reason) => {
    const socket = new RawClient(port, ca.bundlePem).tls(await identity(), {
      ALPNProtocols: ['http/1.1'],
    });
    await new Promise((resolve) => {
      socket
        .on('error', () => undefined)
        .on('close', resolve)
        .resume();
    });
    expect(traces.events.all).toEqual([
      expect.objectContaining({ type: 'transport', reason, clientAddress: '127.0.0.1' }),
    ]);
  });

  it('is not asked by a client that expects another workload', async () => {
    const dispatcher = agentOf(sourceOf('gateway'), 'orders-service');
    await expect(request(`https://127.0.0.1:${port}/keys`, { dispatcher })).rejects.toMatchObject({
      code: 'svid_peer_unexpected',
    });
    expect(traces.handled).toEqual([]);
  });

  it('is not asked in clear', async () => {
    const dispatcher = agentOf(sourceOf('gateway'));
    await expect(request(`http://127.0.0.1:${port}/keys`, { dispatcher })).rejects.toThrow(
      'http: is not mutual TLS',
    );
  });

  it('knows the client of the gateway, and the correlation id', async () => {
    const headers = { 'x-client-address': '192.0.2.7', 'x-correlation-id': 'correlation-1' };
    await expect(get('gateway', '/keys', headers)).resolves.toEqual({
      status: 200,
      body: { address: '192.0.2.7', correlation: 'correlation-1' },
    });
    expect(traces.handled).toEqual([
      expect.objectContaining({ target: 'GET /keys', correlationId: 'correlation-1' }),
    ]);
  });

  it('loses no request while both sides rotate their certificates', async () => {
    const gateway = await ca.source('gateway');
    const dispatcher = agentOf(gateway);
    let [running, served] = [true, 0];
    const client = async (): Promise<void> => {
      while (running) {
        const { statusCode, body } = await request(`https://127.0.0.1:${port}/keys`, {
          dispatcher,
        });
        await body.dump();
        expect(statusCode).toBe(200);
        served += 1;
      }
    };
    const clients = Promise.all([client(), client()]);
    for (let rotation = 0; rotation < 5; rotation++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      source.replace(await ca.context('auth-service'));
      gateway.replace(await ca.context('gateway'));
    }
    running = false;
    await clients;
    expect(served).toBeGreaterThan(20);
    expect(traces.events.all).toEqual([]);
  });
});
