import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { errorCodeOf } from './error-code';
import { LaunchError, lineOf } from './launch-error';
import { LISTENERS, LISTENER_NAMES } from './listeners';
import type { ListenerName, Ports } from './listeners';

const HOST = '127.0.0.1';

// Below the ports an operating system hands to outgoing connections, which would otherwise
// take a port between its being found free and its being listened on.
const FREE_RANGE = { from: 20_000, to: 32_000 };
const ATTEMPTS_PER_PORT = 50;

/** The ports of the README. */
export function standardPorts(): Ports {
  return portsFrom((name) => LISTENERS[name].standardPort);
}

/** Builds a port for every listener. */
export function portsFrom(choose: (name: ListenerName) => number): Ports {
  return Object.fromEntries(LISTENER_NAMES.map((name) => [name, choose(name)])) as Ports;
}

/** Ports nobody listens on, all different. */
export async function freePorts(): Promise<Ports> {
  const held: Server[] = [];
  const holdOne = async (attempts: number): Promise<number> => {
    const port = randomInt(FREE_RANGE.from, FREE_RANGE.to);
    const server = await listen(port).catch(() => undefined);
    if (server !== undefined) {
      held.push(server);
      return port;
    }
    if (attempts === 0) throw new LaunchError('port_taken', 'no free port was found');
    return holdOne(attempts - 1);
  };
  try {
    const chosen = new Map<ListenerName, number>();
    for (const name of LISTENER_NAMES) chosen.set(name, await holdOne(ATTEMPTS_PER_PORT));
    return portsFrom((name) => chosen.get(name) ?? 0);
  } finally {
    await Promise.all(held.map(close));
  }
}

/**
 * Refuses ports that are taken or named twice, before anything is started.
 *
 * @throws LaunchError `port_taken`, naming the port, the service that wants it and the variable that moves it
 */
export async function requirePorts(ports: Ports): Promise<void> {
  const wantedBy = new Map<number, ListenerName>();
  for (const name of LISTENER_NAMES) {
    const port = ports[name];
    const other = wantedBy.get(port);
    if (other !== undefined) {
      throw portTaken(name, port, `also named by ${LISTENERS[other].variable}`);
    }
    wantedBy.set(port, name);
    try {
      await close(await listen(port));
    } catch (cause) {
      throw portTaken(name, port, OBSTACLES[errorCodeOf(cause)] ?? lineOf(cause), cause);
    }
  }
}

const OBSTACLES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'already in use',
  EACCES: 'not open to this user',
};

function portTaken(name: ListenerName, port: number, why: string, cause?: unknown): LaunchError {
  const { service, purpose, variable } = LISTENERS[name];
  return new LaunchError(
    'port_taken',
    `port ${port} is ${why}; ${service} wants it for ${purpose}: free it, or set ${variable} to another port`,
    { cause },
  );
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: HOST }, () => {
      resolve(server);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) =>
    server.close(() => {
      resolve();
    }),
  );
}
