import { watch, type FSWatcher } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { IdentityFilesError } from './identity-files.error';
import { readIdentityFiles } from './identity-files';
import type { SpiffeId } from './spiffe-id';
import {
  StaticSvidSource,
  type SvidSource,
  type WorkloadContext,
  type WorkloadContextListener,
} from './svid.source';

/** Long enough for a writer to finish its renames, short enough to go unnoticed. */
const SETTLE_MS = 20;
/** Waits between attempts while the files are inconsistent, e.g. half written. */
const RETRY_MS = [50, 100, 200, 400, 800];
const OPEN_ATTEMPTS = 3;

export interface FileSvidSourceOptions {
  /** Holds `tls.crt`, `tls.key` and `ca.crt`. */
  readonly directory: string;
  /** The id the files must be for; when absent any id is taken. */
  readonly expectedId?: SpiffeId;
  /** Told each time the files stay unusable; by default a process warning. */
  readonly onError?: (error: Error) => void;
  readonly clock?: () => Date;
  /** How often the files are read even if no change was seen. */
  readonly pollIntervalMs?: number;
}

/**
 * The identity in a directory, followed as it is renewed in place, by renames, or by the symlink swap
 * of Kubernetes volumes. Files that do not fit together leave the present identity in place and are
 * read again shortly; a slow poll covers file systems that report no changes, and says so when the
 * present identity has expired. Keeps no process alive.
 */
export class FileSvidSource implements SvidSource {
  readonly #options: Required<Omit<FileSvidSourceOptions, 'expectedId'>> & {
    readonly expectedId: SpiffeId | undefined;
  };
  readonly #published: StaticSvidSource;
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timerDueAt = Infinity;
  #failures = 0;
  #reading = false;
  #closed = false;

  private constructor(options: FileSvidSourceOptions, context: WorkloadContext) {
    this.#options = {
      directory: options.directory,
      expectedId: options.expectedId,
      onError:
        options.onError ??
        ((error) => {
          process.emitWarning(error);
        }),
      clock: options.clock ?? (() => new Date()),
      pollIntervalMs: options.pollIntervalMs ?? 30_000,
    };
    this.#published = new StaticSvidSource(context);
    this.#watch();
    // Catches what changed between the first read and the watch.
    this.#readIn(SETTLE_MS);
  }

  /** @throws {IdentityFilesError} when the directory does not hold a usable identity */
  static async open(options: FileSvidSourceOptions): Promise<FileSvidSource> {
    const { directory, expectedId, clock = () => new Date() } = options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const context = await readIdentityFiles({ directory, expectedId, now: clock() });
        return new FileSvidSource(options, context);
      } catch (error) {
        if (!(error instanceof IdentityFilesError) || attempt === OPEN_ATTEMPTS) throw error;
        await delay(RETRY_MS[0]);
      }
    }
  }

  current(): WorkloadContext {
    return this.#published.current();
  }

  subscribe(listener: WorkloadContextListener): () => void {
    return this.#published.subscribe((context) => {
      try {
        listener(context);
      } catch (error) {
        // One listener's failure must not keep the others on the old identity.
        this.#options.onError(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#watcher?.close();
    this.#published.close();
  }

  /** Reads after the delay, or when an earlier read is due already. */
  #readIn(delayMs: number): void {
    const dueAt = performance.now() + delayMs;
    if (this.#closed || this.#timerDueAt <= dueAt) return;
    clearTimeout(this.#timer);
    this.#timerDueAt = dueAt;
    this.#timer = setTimeout(() => {
      this.#timerDueAt = Infinity;
      void this.#read();
    }, delayMs).unref();
  }

  async #read(): Promise<void> {
    if (this.#reading) {
      this.#readIn(SETTLE_MS);
      return;
    }
    this.#reading = true;
    // Anew each time: the directory itself may be another one than before.
    this.#watch();
    const { directory, expectedId, clock, pollIntervalMs } = this.#options;
    try {
      this.#publish(await readIdentityFiles({ directory, expectedId, now: clock() }));
      this.#failures = 0;
      this.#readIn(pollIntervalMs);
    } catch (error) {
      this.#retry(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#reading = false;
    }
  }

  #publish(context: WorkloadContext): void {
    const { svid, bundle } = this.current();
    const unchanged =
      context.svid.certificateChainPem === svid.certificateChainPem &&
      context.svid.privateKeyPem === svid.privateKeyPem &&
      context.bundle.pem === bundle.pem;
    if (!unchanged && !this.#closed) this.#published.replace(context);
  }

  #retry(error: Error): void {
    if (this.#closed) return;
    const wait = RETRY_MS[this.#failures];
    this.#failures += 1;
    if (wait === undefined) {
      this.#failures = 0;
      this.#options.onError(error);
    }
    this.#readIn(wait ?? this.#options.pollIntervalMs);
  }

  #watch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    if (this.#closed) return;
    try {
      this.#watcher = watch(this.#options.directory, { persistent: false });
      this.#watcher.on('change', () => {
        this.#readIn(SETTLE_MS);
      });
      // A watch that ends, like one that cannot begin, leaves the poll.
      this.#watcher.on('error', () => {
        this.#readIn(SETTLE_MS);
      });
    } catch {
      this.#watcher = undefined;
    }
  }
}
