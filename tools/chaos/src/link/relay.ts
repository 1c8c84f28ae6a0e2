import type { Socket } from 'node:net';
import { InOrder } from './in-order';

/** One connection through a link: its two halves, each passed on to the other. */
export class Relay {
  readonly ended: Promise<void>;
  #isHeld = false;
  #isAbandoned = false;
  #onEnded: () => void = () => undefined;

  /** @param delayMs how long what comes in now is kept back */
  constructor(
    private readonly near: Socket,
    private readonly far: Socket,
    private readonly delayMs: () => number,
  ) {
    this.ended = new Promise((resolve) => {
      this.#onEnded = resolve;
    });
    this.#pass(near, far);
    this.#pass(far, near);
  }

  /** Keeps everything back, also that one end has hung up, until it is let go. */
  hold(isHeld: boolean): void {
    if (this.#isAbandoned || this.#isHeld === isHeld) return;
    this.#isHeld = isHeld;
    for (const socket of [this.near, this.far]) {
      if (isHeld) socket.pause();
      else socket.resume();
    }
    if (!isHeld) this.#endWithEither();
  }

  /** Held for ever. */
  abandon(): void {
    this.hold(true);
    this.#isAbandoned = true;
  }

  /** Both ends see a reset. */
  reset(): void {
    this.#isAbandoned = true;
    for (const socket of [this.near, this.far]) socket.resetAndDestroy();
    this.#onEnded();
  }

  #pass(from: Socket, to: Socket): void {
    const delayed = new InOrder(this.delayMs);
    from.on('data', (chunk: Buffer) => {
      delayed.add(() => {
        if (to.destroyed || to.write(chunk)) return;
        from.pause();
        to.once('drain', () => {
          if (!this.#isHeld) from.resume();
        });
      });
    });
    from.on('error', () => undefined);
    from.once('end', () => {
      delayed.add(() => to.end());
    });
    from.once('close', () => {
      delayed.add(() => {
        if (!this.#isHeld) this.#endWithEither();
      });
    });
  }

  #endWithEither(): void {
    if (!this.near.destroyed && !this.far.destroyed) return;
    this.near.destroy();
    this.far.destroy();
    this.#onEnded();
  }
}
