import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ConfigurationError } from '@sallyport/configuration';
import { internalHttpsOptions, type RunningService } from '@sallyport/nest-zero-trust';
import { FakeCa, TokenMint } from '@sallyport/testing';
import { send } from './gateway.fixture';
import { start } from './start';

const mint = new TokenMint({ issuer: 'https://gateway.example' });

let ca: FakeCa;
let folder: string;
let ports: { public: number; operations: number; auth: number; gone: number };
let environment: Record<string, string>;
let gateway: RunningService | undefined;
let issuer: Server | undefined;

beforeAll(async () => {
  ca = await FakeCa.create();
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gateway-'));
  await ca.writeIdentityFiles(join(folder, 'svid'), 'gateway');
  const { certificateChainPem, privateKeyPem } = await ca.issueSvid('gateway');
  mkdirSync(join(folder, 'public'));
  writeFileSync(join(folder, 'public', 'tls.crt'), certificateChainPem);
  writeFileSync(join(folder, 'public', 'tls.key'), privateKeyPem, { mode: 0o600 });
  ports = {
    public: await freePort(),
    operations: await freePort(),
    auth: await freePort(),
    gone: await freePort(),
  };
  environment = {
    SVID_DIR: join(folder, 'svid'),
    PUBLIC_LISTEN: `127.0.0.1:${ports.public}`,
    PUBLIC_TLS_DIR: join(folder, 'public'),
    PUBLIC_URL: mint.issuer,
    AUTH_GRPC_ADDRESS: `127.0.0.1:${ports.gone}`,
    AUTH_HTTPS_URL: `https://127.0.0.1:${ports.auth}`,
    ORDERS_GRPC_ADDRESS: `127.0.0.1:${ports.gone}`,
    BILLING_GRPC_ADDRESS: `127.0.0.1:${ports.gone}`,
    OPS_LISTEN: `127.0.0.1:${ports.operations}`,
    LOG_LEVEL: 'silent',
  };
});
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
  issuer?.closeAllConnections();
  issuer?.close();
  issuer = undefined;
  rmSync(folder, { recursive: true });
});

it.each([['SVID_DIR'], ['PUBLIC_TLS_DIR']])('does not start without %s', async (variable) => {
  await expect(start({ ...environment, [variable]: join(folder, 'none') })).rejects.toThrow(
    ConfigurationError,
  );
});

it('does not start with a public certificate that is none', async () => {
  writeFileSync(join(folder, 'public', 'tls.crt'), 'nonsense');
  await expect(start(environment)).rejects.toThrow(/^PUBLIC_TLS_DIR: /);
});

it('does not start as another workload', async () => {
  await ca.writeIdentityFiles(join(folder, 'svid'), 'orders-service');
  await expect(start(environment)).rejects.toThrow(/orders-service/);
});

it('takes no keys from a workload that is not auth-service', async () => {
  issuer = await publishKeysAs('orders-service');
  gateway = await start(environment);
  expect(await readiness()).toMatchObject({ checks: { 'issuer-keys': 'down' } });
});

it('starts while the issuer is away, answers 503, and is there once the issuer is', async () => {
  gateway = await start(environment);
  const headers = [['authorization', `Bearer ${mint.accessToken()}`]] as const;
  const ask = () => send(ports.public, { path: '/orders', headers });
  expect(await readiness()).toEqual({
    status: 'down',
    checks: { identity: 'up', 'issuer-keys': 'down' },
  });
  expect(await ask()).toMatchObject({ status: 503, headers: { 'retry-after': '2' } });

  issuer = await publishKeysAs('auth-service');
  while ((await readiness()).checks['issuer-keys'] !== 'up') await pause(50);
  // The token is good now; it is orders-service that is still away.
  const { status, body } = await ask();
  expect([status, JSON.parse(body)]).toEqual([
    503,
    expect.objectContaining({ code: 'service_unavailable' }),
  ]);
  const { body: keys } = await send(ports.public, { path: '/.well-known/jwks.json' });
  expect(JSON.parse(keys)).toEqual(mint.jwks);
});

it('serves a renewed public certificate without a restart', async () => {
  gateway = await start(environment);
  const { certificateChainPem, privateKeyPem } = await ca.issueSvid('gateway');
  writeFileSync(join(folder, 'public', 'tls.crt'), certificateChainPem);
  writeFileSync(join(folder, 'public', 'tls.key'), privateKeyPem);
  const renewed = certificateChainPem.replace(/-----[^-]+-----|\s/g, '').slice(0, 100);
  while (!(await presentedCertificate()).startsWith(renewed)) await pause(100);
  expect(await send(ports.public, { path: '/docs' })).toMatchObject({ status: 200 });
});

async function publishKeysAs(service: string): Promise<Server> {
  const server = createServer(
    internalHttpsOptions(await ca.source(service)),
    (_request, response) => response.end(JSON.stringify(mint.jwks)),
  );
  await once(server.listen(ports.auth, '127.0.0.1'), 'listening');
  return server;
}

async function readiness(): Promise<{ status: string; checks: Record<string, string> }> {
  const response = await fetch(`http://127.0.0.1:${ports.operations}/health/ready`);
  return (await response.json()) as { status: string; checks: Record<string, string> };
}

async function presentedCertificate(): Promise<string> {
  const { connect } = await import('node:tls');
  const socket = connect({ port: ports.public, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const der = socket.getPeerX509Certificate()?.raw.toString('base64') ?? '';
  socket.destroy();
  return der;
}

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
