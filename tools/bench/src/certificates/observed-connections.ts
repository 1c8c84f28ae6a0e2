import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const EVERY_MS = 200;
const ESTABLISHED = '01';

/** A line of /proc/net/tcp: ports of both ends, and the state, in hexadecimal. */
const LINE = /^\s*\d+: [0-9A-F]{8}:([0-9A-F]{4}) [0-9A-F]{8}:([0-9A-F]{4}) ([0-9A-F]{2})/;

/**
 * Counts the connections that are made to ports of this machine, by the client's port. Linux only, IPv4. One that lives less
 * than the interval between two looks is missed.
 */
export class ObservedConnections {
  readonly #clients: ReadonlyMap<number, Set<number>>;
  #running = true;
  readonly #observing: Promise<void>;

  private constructor(ports: readonly number[]) {
    this.#clients = new Map(ports.map((port) => [port, new Set<number>()]));
    this.#observing = this.#observe();
  }

  static start(ports: readonly number[]): ObservedConnections {
    return new ObservedConnections(ports);
  }

  countOf(port: number): number {
    return this.#clients.get(port)?.size ?? 0;
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#observing;
  }

  async #observe(): Promise<void> {
    while (this.#running) {
      const lines = (await readFile('/proc/net/tcp', 'utf8').catch(() => '')).split('\n');
      for (const line of lines) {
        const [, local = '', remote = '', state] = LINE.exec(line) ?? [];
        if (state === ESTABLISHED) this.#clients.get(hex(local))?.add(hex(remote));
      }
      await delay(EVERY_MS);
    }
  }
}

const hex = (digits: string): number => Number.parseInt(digits, 16);
