import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type Server } from 'node:tls';
import {
  authorizeId,
  FileSvidSource,
  mutualTlsClientOptions,
  mutualTlsServerOptions,
  spiffeIdOfPeer,
} from '@sallyport/workload-identity';
import { DevCa } from './dev-ca';

const SERVICES = ['gateway', 'orders-service'];

describe('rotation under a running server', () => {
  let folder: string;
  let ca: DevCa;
  let server: Server;
  let sources: FileSvidSource[];
  const errors: Error[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rotation-'));
    ca = await DevCa.open(folder, { leafLifetimeSeconds: 12 });
    await ca.ensureAll({ services: SERVICES });
    sources = await Promise.all(
      SERVICES.map((service) =>
        FileSvidSource.open({
          directory: ca.workloadDirectory(service),
          onError: (error) => errors.push(error),
        }),
      ),
    );
  });
  afterEach(async () => {
    sources.forEach((source) => {
      source.close();
    });
    await new Promise((done) => server.close(done));
    await rm(folder, { recursive: true });
  });

  it('serves every connection while leaves, intermediate and root are replaced', async () => {
    const [gateway, orders] = sources;
    if (!gateway || !orders) throw new Error('a source is missing');
    server = createServer(mutualTlsServerOptions(orders.current()), (socket) => {
      socket.end(`hello ${spiffeIdOfPeer(socket).toString()}`);
    });
    orders.subscribe((context) => {
      server.setSecureContext(mutualTlsServerOptions(context));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;

    const presented = new Set<string>();
    const visit = async (): Promise<void> => {
      const authorizer = authorizeId(orders.current().svid.spiffeId);
      const options = mutualTlsClientOptions(gateway.current(), authorizer);
      const socket = connect({ host: '127.0.0.1', port, ...options });
      let heard = '';
      for await (const chunk of socket) {
        heard += String(chunk);
        presented.add(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
      }
      expect(heard).toContain('/sa/gateway');
    };
    const until = async (condition: () => boolean): Promise<void> => {
      const deadline = Date.now() + 10_000;
      while (!condition() && Date.now() < deadline) await visit();
      expect(condition()).toBe(true);
    };

    const rotated = new Set<string>();
    const rotation = ca.startRotation({
      services: SERVICES,
      intervalMs: 50,
      onRotated: (service) => void rotated.add(service),
      onError: (error) => errors.push(error),
    });
    await until(() => rotated.size === SERVICES.length && presented.size > 1);
    for (let round = 1; round <= 5; round += 1) {
      const leaves = presented.size;
      for (const service of SERVICES) await ca.issueWorkload(service);
      await until(() => presented.size > leaves);
    }
    await ca.trust.prepareRoot();
    await until(() => sources.every((source) => source.current().bundle.roots.length === 2));
    const leaves = presented.size;
    await ca.trust.activateRoot();
    await until(() => presented.size > leaves);
    await rotation.stop();

    expect(errors).toEqual([]);
  }, 30_000);
});
