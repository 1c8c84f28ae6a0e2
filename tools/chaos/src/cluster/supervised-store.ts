import { setTimeout as delay } from 'node:timers/promises';

/** A store that runs. */
export interface RunningStore {
  readonly url: string;
  readonly exited?: Promise<unknown>;
  stop(): Promise<void>;
}

const RESTART_AFTER_MS = 500;
const LONGEST_PAUSE_MS = 2_000;

/** Starts a store again whenever it ends by itself, where it was, as the launcher does with services. */
export class SupervisedStore<Store extends RunningStore> {
  #store: Store;
  #isWanted = true;
  #restarting: Promise<void> | undefined;

  private constructor(
    store: Store,
    private readonly startAgain: (former: Store) => Promise<Store>,
  ) {
    this.#store = store;
    this.#watch();
  }

  static async start<Store extends RunningStore>(
    start: (former: Store | undefined) => Promise<Store>,
  ): Promise<SupervisedStore<Store>> {
    return new SupervisedStore(await start(undefined), start);
  }

  get current(): Store {
    return this.#store;
  }

  async stop(): Promise<void> {
    this.#isWanted = false;
    await this.#restarting;
    await this.#store.stop();
  }

  #watch(): void {
    void this.#store.exited?.then(() => {
      if (this.#isWanted) this.#restarting = this.#restart();
    });
  }

  async #restart(): Promise<void> {
    let pauseMs = RESTART_AFTER_MS;
    while (this.#isWanted) {
      await delay(pauseMs);
      try {
        this.#store = await this.startAgain(this.#store);
        this.#watch();
        return;
      } catch {
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      }
    }
  }
}
