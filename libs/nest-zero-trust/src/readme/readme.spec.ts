import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeIdentityHeaders } from '@sallyport/principal';
import { FakeCa } from '@sallyport/testing';
import { greet } from './client.fixture';
import { start } from './service.fixture';

describe("the README's example", () => {
  it.each(['service', 'client'])('is what compiles and runs here: %s', async (name) => {
    const [readme, example] = await Promise.all([
      readFile(join(__dirname, '../../README.md'), 'utf8'),
      readFile(join(__dirname, `${name}.fixture.ts`), 'utf8'),
    ]);
    expect(readme).toContain(example.replaceAll('./greeter.fixture', './generated/greeter'));
  });

  it('greets the user of the gateway, and nobody else', async () => {
    const ca = await FakeCa.create();
    const directory = await mkdtemp(join(tmpdir(), 'greeter-'));
    await ca.writeIdentityFiles(directory, 'greeter-service');
    const port = await freePort();
    const service = await start(directory, { host: '127.0.0.1', port }, 'silent');

    const call = async (caller: string, scopes: readonly string[]): Promise<string> => {
      const user = { id: 'alice', type: 'user', scopes: new Set(scopes) } as const;
      const headers = encodeIdentityHeaders(user);
      return greet(await ca.source(caller), `127.0.0.1:${port}`, headers);
    };
    await expect(call('orders-service', ['greetings:read'])).rejects.toMatchObject({
      reason: 'identity_headers_untrusted',
    });
    await expect(call('gateway', [])).rejects.toMatchObject({ reason: 'insufficient_scope' });
    await expect(call('gateway', ['greetings:read'])).resolves.toBe('Hello, alice');

    await service.close();
    await rm(directory, { recursive: true });
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
