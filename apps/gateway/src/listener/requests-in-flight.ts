import type { IncomingMessage, ServerResponse } from 'node:http';
import { BlockCount, blockOf } from './block-count';
import { clientAddressOfRequest } from './client-address';
import type { ListenerLimits } from './listener-limits';

interface Place {
  readonly since: number;
  readonly release: () => void;
}

/** The requests a listener is answering, from their head until their answer has been sent, so many in all and of one client. */
export class RequestsInFlight {
  /** In the order of their times. */
  readonly #places = new Map<ServerResponse, Place>();
  readonly #ofBlock = new BlockCount();

  constructor(
    private readonly limits: Pick<
      ListenerLimits,
      'requestsInFlight' | 'requestsInFlightPerAddress' | 'answerMs'
    >,
  ) {}

  /** Whether there was a place for a request, which is now taken. */
  takes(request: IncomingMessage, response: ServerResponse): boolean {
    const { requestsInFlight, requestsInFlightPerAddress } = this.limits;
    const block = blockOf(clientAddressOfRequest(request));
    if (
      this.#places.size >= requestsInFlight ||
      this.#ofBlock.of(block) >= requestsInFlightPerAddress
    ) {
      return false;
    }
    const { socket } = request;
    const release = () => {
      if (!this.#places.delete(response)) return;
      this.#ofBlock.remove(block);
      socket.off('close', release);
    };
    this.#places.set(response, { since: performance.now(), release });
    this.#ofBlock.add(block);
    // A response that waits behind another one when its connection ends is never closed by Node.
    response.once('finish', release).once('close', release);
    socket.once('close', release);
    return true;
  }

  /** Lets those that have not begun their answer say that it is the last of its connection. */
  announceEnd(): void {
    for (const response of this.#places.keys()) {
      if (!response.headersSent) response.shouldKeepAlive = false;
    }
  }

  /** Closes connections whose answer takes too long, in whichever way. */
  endOverdue(): void {
    const now = performance.now();
    for (const [response, { since, release }] of this.#places) {
      if (now - since <= this.limits.answerMs) return;
      release();
      response.req.socket.destroy();
    }
  }
}
