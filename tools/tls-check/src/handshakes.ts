import { once } from 'node:events';
import { connect as connectPlain, isIP } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect, type ConnectionOptions, type SecureVersion, type TLSSocket } from 'node:tls';
import type { Target } from './probe';

/** Opens a connection by Node’s own TLS. The certificate is looked at, not believed. */
export async function open(target: Target, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const { host, port, serverName } = target;
  const socket = connect({
    host,
    port,
    servername: isIP(serverName) === 0 ? serverName : '',
    rejectUnauthorized: false,
    ...options,
  });
  await once(socket, 'secureConnect');
  return socket;
}

export async function negotiatedProtocol(
  target: Target,
  offered: readonly string[],
): Promise<string> {
  try {
    const socket = await open(target, { ALPNProtocols: [...offered] });
    socket.destroy();
    return socket.alpnProtocol === false || socket.alpnProtocol === null
      ? 'none'
      : socket.alpnProtocol;
  } catch {
    return 'refused';
  }
}

export async function isResumable(target: Target, version: SecureVersion): Promise<boolean> {
  const versions = { minVersion: version, maxVersion: version };
  const first = await open(target, versions);
  const session = await sessionOf(first, version);
  first.destroy();
  if (session === undefined) return false;
  const second = await open(target, { ...versions, session });
  const isReused = second.isSessionReused();
  second.destroy();
  return isReused;
}

/** TLS 1.3 hands tickets over after the handshake, the versions before in it. */
async function sessionOf(socket: TLSSocket, version: SecureVersion): Promise<Buffer | undefined> {
  if (version !== 'TLSv1.3') return socket.getSession();
  const none = once(socket, 'close').then(() => [undefined]);
  const [session] = (await Promise.race([once(socket, 'session'), none])) as [Buffer | undefined];
  return session;
}

/** Whether the server begins a new handshake because the client asks for one (TLS 1.2). */
export async function renegotiates(target: Target): Promise<boolean> {
  const socket = await open(target, { maxVersion: 'TLSv1.2' });
  const outcome = await new Promise<boolean>((resolve) => {
    socket.once('error', () => {
      resolve(false);
    });
    socket.once('close', () => {
      resolve(false);
    });
    socket.renegotiate({}, (error) => {
      resolve(error === null);
    });
  });
  socket.destroy();
  return outcome;
}

export async function staplesOcsp(target: Target): Promise<boolean> {
  const { host, port, serverName } = target;
  // Node takes `requestOCSP`; its types do not.
  const options = {
    host,
    port,
    servername: isIP(serverName) === 0 ? serverName : '',
    rejectUnauthorized: false,
    requestOCSP: true,
  };
  const socket = connect(options);
  let stapled = false;
  socket.on(
    'OCSPResponse',
    (response: Buffer | null) => (stapled = response !== null && response.length > 0),
  );
  await once(socket, 'secureConnect');
  socket.destroy();
  return stapled;
}

/** The value of a header in the answer to `GET /`. */
export async function answeredHeader(target: Target, name: string): Promise<string | undefined> {
  const socket = await open(target);
  socket.write(`GET / HTTP/1.1\r\nHost: ${target.serverName}\r\nConnection: close\r\n\r\n`);
  const answer = await text(socket);
  return new RegExp(`^${name}: (.*?)\\r?$`, 'im').exec(answer)?.[1];
}

/** What comes back for a request in clear. */
export async function answerInClear({ host, port }: Target): Promise<string> {
  const socket = connectPlain({ host, port });
  socket.on('error', () => undefined);
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  return text(socket).catch(() => '');
}
