import { setTimeout as delay } from 'node:timers/promises';
import { Traffic, type TrafficReport } from '../traffic/traffic';

const EVERY_MS = 250;

/** Places an order every now and then, one after the other: calls that go through every service. */
export class PlacedOrders {
  readonly #traffic = new Traffic();
  readonly #placing: Promise<void>;
  #running = true;

  constructor(private readonly place: () => Promise<unknown>) {
    this.#placing = this.#goOn();
  }

  takeReport(): TrafficReport {
    return this.#traffic.takeReport();
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#placing;
  }

  async #goOn(): Promise<void> {
    while (this.#running) {
      await this.#traffic.count(this.place);
      await delay(EVERY_MS);
    }
  }
}
