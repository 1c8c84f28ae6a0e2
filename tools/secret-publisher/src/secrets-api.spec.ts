import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeCa } from '@sallyport/testing';
import { SecretsApi } from './secrets-api';

describe('the API of secrets', () => {
  let folder: string;
  let server: Server;
  let status: number;
  const received: object[] = [];
  beforeAll(async () => {
    const ca = await FakeCa.create();
    const { svid } = await ca.context('gateway');
    folder = await mkdtemp(join(tmpdir(), 'secrets-api-'));
    await writeFile(join(folder, 'namespace'), 'sallyport');
    await writeFile(join(folder, 'token'), 'a-token');
    await writeFile(join(folder, 'ca.crt'), ca.bundlePem);
    server = createServer(
      { cert: svid.certificateChainPem, key: svid.privateKeyPem },
      (request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          const { method, url, headers } = request;
          const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
          received.push({ method, url, headers, body });
          response.writeHead(status).end('{"message":"a secret may be in here"}');
        });
      },
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  beforeEach(() => received.splice(0));
  afterAll(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });

  const api = () =>
    new SecretsApi({
      address: { host: 'localhost', port: (server.address() as AddressInfo).port },
      serviceAccountFolder: folder,
    });

  it.each([401, 403, 409, 500])('says that it was answered %i, and not with what', async (code) => {
    status = code;
    const applying = api().apply('a', { key: 'dmFsdWU=' });
    await expect(applying).rejects.toThrow(new Error(`the API server answered ${code}`));
  });

  it('sends nothing to a server that the authority did not sign for', async () => {
    status = 200;
    await writeFile(join(folder, 'ca.crt'), (await FakeCa.create()).bundlePem);
    await expect(api().apply('a', {})).rejects.toThrow(/certificate/);
    expect(received).toEqual([]);
  });

  it.each([200, 201])('applies what the secret is to hold, with the token: %i', async (code) => {
    status = code;
    const own = await FakeCa.create();
    const { svid } = await own.context('gateway');
    server.setSecureContext({ cert: svid.certificateChainPem, key: svid.privateKeyPem });
    await writeFile(join(folder, 'ca.crt'), own.bundlePem);
    await api().apply('gateway-svid', { 'tls.crt': 'AA==' });
    expect(received).toEqual([
      expect.objectContaining({
        method: 'PATCH',
        url: '/api/v1/namespaces/sallyport/secrets/gateway-svid?fieldManager=sallyport-secret-publisher&force=true',
        headers: expect.objectContaining({
          authorization: 'Bearer a-token',
          'content-type': 'application/apply-patch+yaml',
        }) as object,
        body: {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: {
            name: 'gateway-svid',
            namespace: 'sallyport',
            labels: { 'app.kubernetes.io/part-of': 'sallyport' },
          },
          type: 'Opaque',
          data: { 'tls.crt': 'AA==' },
        },
      }),
    ]);
  });
});
