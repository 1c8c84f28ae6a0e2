import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { describeWithRedis, FakePartnerCa, SERVER_AUTH } from '@sallyport/testing';
import { FeedConnection } from './feed-connection';
import { readFeed } from './read-feed';
import { redisTls } from './redis-tls';

describeWithRedis('redisTls', (plainUrl) => {
  let folder: string;
  let caFile: string;
  let authority: FakePartnerCa;
  let stranger: FakePartnerCa;
  let server: Server;
  let url: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'redis-tls-'));
    caFile = join(folder, 'ca.pem');
    [authority, stranger] = [await FakePartnerCa.create(), await FakePartnerCa.create()];
    const { cert, key } = await authority.issue('localhost', { extendedKeyUsage: [SERVER_AUTH] });
    const target = new URL(plainUrl);
    // TLS in front of the Redis of the run, which speaks none itself.
    server = createServer({ cert, key }, (socket) => {
      const upstream = connect(Number(target.port), target.hostname);
      socket.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
      upstream.on('error', () => socket.destroy());
      socket.pipe(upstream).pipe(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    const secured = new URL(plainUrl.replace(/^redis:/, 'rediss:'));
    secured.hostname = 'localhost';
    secured.port = String((server.address() as AddressInfo).port);
    url = secured.href;
  });

  afterAll(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const open = (tls: ReturnType<typeof redisTls> | undefined): Promise<FeedConnection> =>
    FeedConnection.open({ url, tls, name: 'redis-tls', answerTimeoutMs: 2_000 });

  async function expectAnswer(tls: ReturnType<typeof redisTls>): Promise<void> {
    const connection = await open(tls);
    expect(await connection.now()).toBeGreaterThan(0);
    connection.close();
  }

  it('refuses a server that another authority has signed for', async () => {
    await writeFile(caFile, stranger.pem);
    await expect(open(redisTls(caFile))).rejects.toMatchObject({ code: /CERT|VERIFY|ISSUER/ });
  });

  it('refuses one that the authorities of the system do not know, where no file is given', async () => {
    await expect(open(undefined)).rejects.toMatchObject({ code: /CERT|VERIFY|ISSUER/ });
  });

  it('is what the feed is read with at once, too', async () => {
    await writeFile(caFile, authority.pem);
    const feed = { redisUrl: url, name: 'redis-tls' };
    await expect(readFeed({ ...feed, tls: redisTls(caFile) })).resolves.toBeDefined();
    await expect(readFeed(feed)).rejects.toMatchObject({ code: /CERT|VERIFY|ISSUER/ });
  });

  it('refuses to begin without the file', () => {
    expect(() => redisTls(join(folder, 'none.pem'))).toThrow(/ENOENT/);
  });

  it('takes up other authorities for the next connection', async () => {
    await writeFile(caFile, stranger.pem);
    const tls = redisTls(caFile);
    await expect(open(tls)).rejects.toThrow();
    await writeFile(caFile, `${stranger.pem}${authority.pem}`);
    await expectAnswer(tls);
  });

  it('goes on with what it knows while the file is away', async () => {
    await writeFile(caFile, authority.pem);
    const tls = redisTls(caFile);
    await rm(caFile);
    await expectAnswer(tls);
  });
});
