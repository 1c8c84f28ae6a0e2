import { once } from 'node:events';
import { connect, isIP } from 'node:net';
import { encodeClientHello, type ClientHello } from './client-hello';
import { suitesOf } from './cipher-suites';
import { parseServerHello, type HelloAnswer } from './server-hello';
import { VERSIONS, type VersionName } from './versions';

/** Where a listener is, and by which name clients know it. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly serverName: string;
}

const TIMEOUT_MS = 5_000;

/** Sends one ClientHello on a connection of its own. A connection that is closed without an answer counts as refused. */
export async function probe(target: Target, hello: ClientHello): Promise<HelloAnswer> {
  const socket = connect({ host: target.host, port: target.port });
  let received = Buffer.alloc(0);
  let answer: HelloAnswer | undefined;
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
    answer ??= parseServerHello(received);
    if (answer) socket.destroy();
  });
  socket.write(encodeClientHello({ ...nameOf(target), ...hello }));
  await once(socket, 'close');
  return answer ?? { outcome: 'refused', alert: undefined };
}

/** The suites a server takes in a version, in its own order of preference; empty when it refuses the version. */
export async function acceptedSuites(
  target: Target,
  version: VersionName,
): Promise<readonly number[]> {
  const accepted: number[] = [];
  for (;;) {
    const suites = suitesOf(version).filter((suite) => !accepted.includes(suite));
    const answer = await probe(target, { version, suites });
    // A server may answer with an older version than it was asked for.
    if (answer.outcome === 'refused' || answer.version !== VERSIONS[version]) return accepted;
    accepted.push(answer.suite);
  }
}

/** An address is not sent as a name (RFC 6066 section 3). */
function nameOf({ serverName }: Target): Pick<ClientHello, 'serverName'> {
  return isIP(serverName) === 0 ? { serverName } : {};
}
