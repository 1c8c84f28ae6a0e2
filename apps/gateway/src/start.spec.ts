import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'node:tls';
import { ConfigurationError } from '@sallyport/configuration';
import type { RunningService } from '@sallyport/nest-zero-trust';
import { FakeCa, FakePartnerCa, handlesLeftBy, postgresForTests } from '@sallyport/testing';
import { send } from './gateway.fixture';
import { start } from './start';
import { GatewaySurroundings } from './start.fixture';

jest.setTimeout(30_000);

let ca: FakeCa;
let databaseUrl: string;
let surroundings: GatewaySurroundings;
let gateway: RunningService | undefined;

beforeAll(async () => {
  ca = await FakeCa.create();
  databaseUrl = await postgresForTests();
});
beforeEach(async () => {
  surroundings = await GatewaySurroundings.prepare(ca, databaseUrl);
});
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
  surroundings.close();
});

it.each([['SVID_DIR'], ['PUBLIC_TLS_DIR']])('does not start without %s', async (variable) => {
  const none = join(surroundings.folder, 'none');
  await expect(start({ ...surroundings.environment, [variable]: none })).rejects.toThrow(
    ConfigurationError,
  );
});

it('does not start without a feed of revocations to follow', async () => {
  const { environment } = surroundings;
  delete environment['REDIS_URL'];
  await expect(start(environment)).rejects.toThrow(/^REDIS_URL: /);
});

it('does not start with a public certificate that is none', async () => {
  writeFileSync(join(surroundings.folder, 'public', 'tls.crt'), 'nonsense');
  await expect(start(surroundings.environment)).rejects.toThrow(/^PUBLIC_TLS_DIR: /);
});

it('does not start as another workload', async () => {
  await ca.writeIdentityFiles(join(surroundings.folder, 'svid'), 'orders-service');
  await expect(start(surroundings.environment)).rejects.toThrow(/orders-service/);
});

it('leaves nothing open when its last step fails', async () => {
  const { ports, environment } = surroundings;
  const occupied = createServer().listen(ports.operations, '127.0.0.1');
  await once(occupied, 'listening');
  const settings = { ...environment, PLAIN_LISTEN: `127.0.0.1:${ports.gone}` };
  const failed = () => expect(start(settings)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  expect(await handlesLeftBy(failed)).toEqual([]);
  occupied.close();
  await once(occupied, 'close');
  gateway = await start(settings);
});

it('takes no keys from a workload that is not auth-service', async () => {
  await surroundings.publishKeysAs('orders-service');
  gateway = await start(surroundings.environment);
  expect(await surroundings.readiness()).toMatchObject({ checks: { 'issuer-keys': 'down' } });
});

it('starts while everything is away, answers 503, and has keys once the issuer is there', async () => {
  const { environment, databaseAway } = surroundings;
  gateway = await start({ ...environment, DATABASE_URL: databaseAway });
  const headers = [['authorization', `Bearer ${surroundings.mint.accessToken()}`]] as const;
  expect(await surroundings.readiness()).toEqual({
    status: 'down',
    checks: { listener: 'up', identity: 'up', 'issuer-keys': 'down', revocations: 'down' },
  });
  expect(await surroundings.send({ path: '/orders', headers })).toMatchObject({
    status: 503,
    headers: { 'retry-after': '2' },
  });

  await surroundings.publishKeysAs('auth-service');
  while ((await surroundings.readiness()).checks['issuer-keys'] !== 'up') await pause(50);
  const { body: keys } = await surroundings.send({ path: '/.well-known/jwks.json' });
  expect(JSON.parse(keys)).toEqual(surroundings.mint.jwks);
});

it('serves a renewed public certificate without a restart', async () => {
  gateway = await start(surroundings.environment);
  const certificate = await surroundings.writePublicCertificate();
  const renewed = certificate.replace(/-----[^-]+-----|\s/g, '').slice(0, 100);
  while (!(await presentedCertificate()).startsWith(renewed)) await pause(100);
  expect(await surroundings.send({ path: '/docs' })).toMatchObject({ status: 200 });
});

it('answers plain HTTP where it is told to, and nowhere else', async () => {
  const port = surroundings.ports.gone;
  gateway = await start({ ...surroundings.environment, PLAIN_LISTEN: `127.0.0.1:${port}` });
  const answer = await fetch(`http://127.0.0.1:${port}/docs`, { redirect: 'manual' });
  expect([answer.status, answer.headers.get('strict-transport-security')]).toEqual([400, null]);
});

describe('with a listener for partners', () => {
  let partnerCa: FakePartnerCa;
  let settings: Readonly<Record<string, string>>;
  beforeEach(async () => {
    partnerCa = await FakePartnerCa.create();
    const file = (name: string) => join(surroundings.folder, name);
    writeFileSync(file('partners.pem'), partnerCa.pem);
    writeFileSync(file('partners.crl'), await partnerCa.revocationList([]));
    settings = {
      PARTNER_LISTEN: `127.0.0.1:${surroundings.ports.gone}`,
      PARTNER_CA_FILE: file('partners.pem'),
      PARTNER_CRL_FILE: file('partners.crl'),
    };
  });

  it.each([
    ['PARTNER_CA_FILE', { PARTNER_CA_FILE: '' }],
    ['PARTNER_LISTEN', { PARTNER_LISTEN: '' }],
  ])('does not start without %s', async (variable, without) => {
    const environment = { ...surroundings.environment, ...settings, ...without };
    await expect(start(environment)).rejects.toThrow(new RegExp(`^${variable}: `));
  });

  it('serves both with the newest certificate, and leaves both', async () => {
    const port = surroundings.ports.gone;
    const ask = async () => send(port, { path: '/products' }, await partnerCa.issue());
    gateway = await start({ ...surroundings.environment, ...settings });
    expect((await surroundings.readiness()).checks).toMatchObject({ 'partner-revocations': 'up' });
    // Its services are away.
    expect(await ask()).toMatchObject({ status: 503 });
    await expect(send(port, { path: '/products' })).rejects.toThrow();

    const certificate = await surroundings.writePublicCertificate();
    const renewed = certificate.replace(/-----[^-]+-----|\s/g, '').slice(0, 100);
    while (!(await presentedCertificate(port)).startsWith(renewed)) await pause(100);
    expect(await ask()).toMatchObject({ status: 503 });
    await expect(send(port, { path: '/products' })).rejects.toThrow();

    await gateway.close();
    gateway = undefined;
    await expect(ask()).rejects.toThrow('ECONNREFUSED');
  });
});

it('is not ready first, and serves until everybody may have noticed', async () => {
  await surroundings.publishKeysAs('auth-service');
  gateway = await start({ ...surroundings.environment, DRAIN_DELAY_SECONDS: '1' });
  const closed = gateway.close();
  gateway = undefined;
  expect(await surroundings.readiness()).toMatchObject({ checks: { listener: 'down' } });
  expect(await surroundings.send({ path: '/docs' })).toMatchObject({
    status: 200,
    headers: { connection: 'close' },
  });
  await closed;
  await expect(surroundings.send({ path: '/docs' })).rejects.toThrow('ECONNREFUSED');
});

async function presentedCertificate(port = surroundings.ports.public): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const der = socket.getPeerX509Certificate()?.raw.toString('base64') ?? '';
  socket.destroy();
  return der;
}
