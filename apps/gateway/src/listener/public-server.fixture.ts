import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { connect as connectPlain, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'node:tls';
import { FakeCa, RecordedSecurityEvents } from '@sallyport/testing';
import { createPublicServer, type PublicServerOptions } from './public-server';
import { computeSecurityHeaders } from './security-headers';

/** The public listener alone, over `handler`, or one that answers with the path once the request has come and `release` was called. */
export async function startTestListener({
  handler,
  ...options
}: Partial<PublicServerOptions> & { readonly handler?: RequestListener } = {}) {
  const ca = await FakeCa.create();
  const { certificateChainPem, privateKeyPem } = await ca.issueSvid('gateway');
  const events = new RecordedSecurityEvents();
  const handled: string[] = [];
  let release: () => void = () => undefined;
  let released = Promise.resolve();
  const server = createPublicServer(
    {
      certificate: { cert: certificateChainPem, key: privateKeyPem },
      headers: await computeSecurityHeaders(),
      events,
      ...options,
    },
    (request, response) => {
      if (handler !== undefined) {
        handler(request, response);
        return;
      }
      const { url = '' } = request;
      handled.push(url);
      const length = Number(/^\/bytes\/(\d+)$/.exec(url)?.[1] ?? 0);
      const body = length > 0 ? Buffer.alloc(length, 'a') : `handled ${url}`;
      request.resume().once('end', () => void released.then(() => response.end(body)));
    },
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };

  const clients: Socket[] = [];

  const connected = async (): Promise<{ readonly socket: Socket; readonly raw: Socket }> => {
    const raw = connectPlain(address);
    clients.push(raw);
    const socket = connect({ socket: raw, rejectUnauthorized: false });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    return { socket, raw };
  };
  return {
    server,
    events,
    handled,
    address,
    connected,
    /** A connection without TLS. */
    async bare(): Promise<Socket> {
      const socket = connectPlain(address);
      clients.push(socket);
      await once(socket, 'connect');
      return socket;
    },
    /** Writes the pieces one after the other and reads until the other end closes the connection. */
    async exchange(...pieces: readonly string[]): Promise<string> {
      const { socket } = await connected();
      const received = text(socket).catch(() => '');
      for (const piece of pieces) {
        socket.write(piece);
        await pause(5);
      }
      return received;
    },
    /** From now on answers wait for {@link release}. */
    hold() {
      released = new Promise((resolve) => (release = resolve));
    },
    release: () => {
      release();
    },
    close() {
      release();
      for (const client of clients) client.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}

export type TestListener = Awaited<ReturnType<typeof startTestListener>>;

/** A request without a body. */
export function get(path: string, ...headers: readonly string[]): string {
  return [`GET ${path} HTTP/1.1`, 'Host: a', ...headers, '', ''].join('\r\n');
}

/** The statuses of all answers in what was received. */
export function statusesIn(received: string): readonly number[] {
  return Array.from(received.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => Number(status));
}
