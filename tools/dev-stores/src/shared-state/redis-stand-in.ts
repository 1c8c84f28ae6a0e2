import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import {
  attachSession,
  createRedisCommandExecutor,
  RedisServerState,
  SocketConnectionTransport,
} from 'js-redis-server/core';
import { generatePassword, loopbackUrl } from './redis-configuration';
import type { SharedState } from './shared-state';

/** The release whose behaviour is shown. */
const COMPATIBILITY = 'redis-7.4';

/**
 * Runs a server inside this process that speaks Redis' protocol, on a free port of 127.0.0.1, with a password.
 * For one machine: it keeps nothing when it stops and has neither TLS nor access lists.
 */
export async function startRedisStandIn(): Promise<SharedState> {
  const password = generatePassword();
  const state = new RedisServerState({ compatibility: COMPATIBILITY, requirepass: password });
  const executor = createRedisCommandExecutor({ compatibility: COMPATIBILITY });
  const connections = new Set<Socket>();
  // The package's own listener would accept connections from every network.
  const listener = createServer({ noDelay: true }, (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    attachSession(new SocketConnectionTransport(socket), {
      state,
      executor,
      clientAddress: `${socket.remoteAddress}:${socket.remotePort}`,
    });
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = listener.address() as AddressInfo;
  const stop = async () => {
    const closed = new Promise((resolve) => listener.close(resolve));
    for (const socket of connections) socket.destroy();
    await closed;
    state.close();
  };
  return { url: loopbackUrl(port, password), kind: 'stand-in', stop };
}
