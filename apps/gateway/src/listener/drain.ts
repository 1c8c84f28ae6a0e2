import type { Server } from 'node:http';
import type { FastifyInstance } from 'fastify';

const LOOK_EVERY_MS = 50;

/** How long requests in flight may take to end, in milliseconds; longer than any call upstream. */
const LONGEST_DRAIN_MS = 9_000;

/** Whether a listener is on its way out. From then on each answer is the last one on its connection. */
export class Drain {
  readonly #begun: (() => void)[] = [];
  #isUnderWay = false;

  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  /** Calls back once, when it begins. */
  whenBegun(callback: () => void): void {
    this.#begun.push(callback);
  }

  begin(): void {
    this.#isUnderWay = true;
    for (const callback of this.#begun.splice(0)) callback();
  }
}

/**
 * Lets a closing listener go as soon as the requests in flight have been answered: a kept-alive connection that becomes
 * idle later than the close would otherwise hold it until it times out, and one that is never answered for ever.
 */
export function drainOnClose(
  instance: FastifyInstance,
  drain: Drain,
  longestMs = LONGEST_DRAIN_MS,
): void {
  instance.addHook('preClose', (done) => {
    drain.begin();
    releaseConnections(instance.server, longestMs);
    done();
  });
}

/** The same for a server beside that of the application, which is closed with it. */
export function closeBeside(
  instance: FastifyInstance,
  server: Server,
  longestMs = LONGEST_DRAIN_MS,
): void {
  let closed: Promise<void> = Promise.resolve();
  instance.addHook('preClose', (done) => {
    if (server.listening) {
      releaseConnections(server, longestMs);
      closed = new Promise((resolve) =>
        server.close(() => {
          resolve();
        }),
      );
    }
    done();
  });
  instance.addHook('onClose', () => closed);
}

function releaseConnections(server: Server, longestMs: number): void {
  const look = setInterval(() => {
    server.closeIdleConnections();
  }, LOOK_EVERY_MS);
  const end = setTimeout(() => {
    server.closeAllConnections();
  }, longestMs);
  server.once('close', () => {
    clearInterval(look);
    clearTimeout(end);
  });
}
