import type { Clock } from '@sallyport/tokens';

/** A clock that stands still until it is moved. Pass {@link FakeClock.now} where a `Clock` is wanted. */
export class FakeClock {
  #time: number;

  /** @param start an ISO 8601 instant, or a Date. */
  constructor(start: string | Date = '2030-01-01T00:00:00.000Z') {
    this.#time = new Date(start).getTime();
    if (Number.isNaN(this.#time)) throw new TypeError('the clock needs a time to start at');
  }

  /** Bound, so that it can be handed over on its own. */
  readonly now: Clock = () => new Date(this.#time);

  /** The time in whole seconds since the epoch, as claims count it. */
  get epochSeconds(): number {
    return Math.floor(this.#time / 1000);
  }

  /** Moves the time; negative values move it back. */
  advance(by: { readonly milliseconds?: number; readonly seconds?: number }): void {
    this.#time += (by.milliseconds ?? 0) + (by.seconds ?? 0) * 1000;
  }
}
