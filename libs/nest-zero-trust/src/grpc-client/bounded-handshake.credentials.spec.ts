import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { ChannelCredentials, Client, Metadata, status } from '@grpc/grpc-js';
import { BoundedHandshakeCredentials } from './bounded-handshake.credentials';

describe('bounded handshake credentials', () => {
  it('end a connection to a server that accepts and says nothing', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const failures: unknown[] = [];
    const client = new Client(
      `127.0.0.1:${(server.address() as AddressInfo).port}`,
      new BoundedHandshakeCredentials(ChannelCredentials.createSsl(), 100, (failure) => {
        failures.push(failure);
      }),
      { 'grpc.ssl_target_name_override': 'nobody', 'grpc.enable_http_proxy': 0 },
    );
    const connected = once(server, 'connection');
    const failure = new Promise((resolve) => {
      const echo = (bytes: Buffer): Buffer => bytes;
      const deadline = Date.now() + 5000;
      const message = Buffer.alloc(0);
      client.makeUnaryRequest('/a/B', echo, echo, message, new Metadata(), { deadline }, resolve);
    });
    const [socket] = (await connected) as [Socket];
    socket.resume();
    await once(socket, 'close');
    await expect(failure).resolves.toMatchObject({ code: status.UNAVAILABLE });
    expect(failures).toMatchObject([{ code: 'ERR_TLS_HANDSHAKE_TIMEOUT' }]);
    client.close();
    server.close();
  });
});
