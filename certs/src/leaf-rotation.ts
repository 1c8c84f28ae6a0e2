import { watch, type FSWatcher } from 'node:fs';
import type { Store } from './store-folder';

const DEFAULT_INTERVAL_MS = 15_000;
const JITTER = 0.1;
/** Long enough for a change of several files to be complete. */
const SETTLE_MS = 100;

/** Who is to have a certificate. */
export interface CertificateHolders {
  readonly services: readonly string[];
  readonly stores?: readonly Store[];
}

/** What can be asked to renew the certificates that are due. */
export interface RenewableCertificates {
  /** @returns the services and stores that got a new certificate */
  renewDue(
    holders: CertificateHolders,
    jitterOf: (service: string) => number,
  ): Promise<readonly string[]>;
}

export interface LeafRotationOptions extends CertificateHolders {
  readonly onRotated?: (holder: string) => void;
  /** Told after each look that left nothing due. */
  readonly onLooked?: () => Promise<void>;
  /** Told of a renewal that failed; it is tried again at the next look. By default a process warning. */
  readonly onError?: (error: Error) => void;
  /** Between two looks. */
  readonly intervalMs?: number;
  /** Looked at anew as soon as something changes in it, beside the regular looks. */
  readonly watched?: string;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/**
 * Looks regularly for certificates that are due. Looking, instead of sleeping until half life, also
 * renews at once on a machine that wakes from suspension.
 */
export class LeafRotation {
  readonly #jitter = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #watcher: FSWatcher | undefined;
  #settling: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(
    private readonly certificates: RenewableCertificates,
    private readonly options: LeafRotationOptions,
  ) {}

  start(): void {
    const { intervalMs = DEFAULT_INTERVAL_MS } = this.options;
    this.#timer ??= setInterval(() => void this.renewDue(), intervalMs).unref();
    this.#watch();
  }

  /** Resolves when a renewal under way has ended. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    clearTimeout(this.#settling);
    this.#watcher?.close();
    await this.#running;
  }

  /** One look; calls while one is under way share it. Does not reject. */
  renewDue(): Promise<void> {
    this.#running ??= this.#renew().finally(() => (this.#running = undefined));
    return this.#running;
  }

  #watch(): void {
    const { watched } = this.options;
    if (watched === undefined) return;
    try {
      this.#watcher ??= watch(watched, { persistent: false });
      // A watch that ends, like one that cannot begin, leaves the regular looks.
      this.#watcher.on('error', () => undefined);
      this.#watcher.on('change', () => {
        clearTimeout(this.#settling);
        this.#settling = setTimeout(() => void this.#lookAnew(), SETTLE_MS).unref();
      });
    } catch {
      this.#watcher = undefined;
    }
  }

  /** A look under way may have begun before the change. */
  async #lookAnew(): Promise<void> {
    await this.#running;
    await this.renewDue();
  }

  async #renew(): Promise<void> {
    const { onRotated, onLooked, onError } = this.options;
    try {
      const renewed = await this.certificates.renewDue(this.options, (name) =>
        this.#jitterOf(name),
      );
      for (const service of renewed) {
        this.#jitter.delete(service);
        onRotated?.(service);
      }
      await onLooked?.();
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      (
        onError ??
        ((warning) => {
          process.emitWarning(warning);
        })
      )(error);
    }
  }

  /** Stays the same until the service's certificate is renewed. */
  #jitterOf(service: string): number {
    const jitter = this.#jitter.get(service) ?? 1 + JITTER * (2 * this.options.random() - 1);
    this.#jitter.set(service, jitter);
    return jitter;
  }
}
