import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { readIdentityFiles } from '@sallyport/workload-identity';
import { probe, type Listener } from './probe-listener';

const EVERY_MS = 2_000;

/** Keeps connecting to each listener as the gateway would, and notes which leaves are presented. */
export class ObservedLeaves {
  readonly #serials = new Map<string, Set<string>>();
  #refused = 0;
  #running = true;
  readonly #observing: Promise<void>;

  /** @param clientDirectory the SVID directory of who connects; its own leaves are noted, too */
  constructor(
    private readonly listeners: readonly Listener[],
    private readonly clientDirectory: string,
  ) {
    this.#observing = this.#observe();
  }

  /** Connections with a valid identity that were refused. */
  get refused(): number {
    return this.#refused;
  }

  /** How many leaves each service has presented. */
  countOf(service: string): number {
    return this.#serials.get(service)?.size ?? 0;
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#observing;
  }

  async #observe(): Promise<void> {
    while (this.#running) {
      const own = await readFile(join(this.clientDirectory, 'tls.crt'), 'utf8');
      this.#note('gateway', new X509Certificate(own).serialNumber);
      await Promise.all(this.listeners.map((listener) => this.#look(listener)));
      await delay(EVERY_MS);
    }
  }

  async #look(listener: Listener): Promise<void> {
    const directory = this.clientDirectory;
    const identity = await readIdentityFiles({ directory, now: new Date() });
    const { accepted, serialNumber } = await probe(identity, listener);
    if (!accepted) this.#refused += 1;
    if (serialNumber !== undefined) this.#note(listener.service, serialNumber);
  }

  #note(service: string, serialNumber: string): void {
    const serials = this.#serials.get(service) ?? new Set();
    this.#serials.set(service, serials.add(serialNumber));
  }
}
