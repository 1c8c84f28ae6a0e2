import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface Turn {
  /** The response that was begun last. */
  response: ServerResponse;
  served: number;
  /** Nothing that follows on the connection is handled. */
  isLast: boolean;
}

/**
 * Lets the requests of a connection come one at a time, and none after the last. What Node has parsed ahead, because it
 * came in the same packet, is not handled: a request behind a refused one must have no effect, and one that does not wait
 * for the answer before it ends the connection with that answer (RFC 9112 sections 9.3.2 and 9.6).
 */
export class Turns {
  readonly #turns = new WeakMap<Socket, Turn>();

  constructor(private readonly requestsPerConnection: number) {}

  /** Whether it is the turn of a request; otherwise nothing is to be done with it. */
  begins({ socket }: IncomingMessage, response: ServerResponse): boolean {
    const turn = this.#turns.get(socket);
    // An answer that has been handed over may have reached the client before Node says that it is finished.
    if (turn?.response.writableEnded === false || turn?.response.shouldKeepAlive === false) {
      this.endWithAnswer(socket);
    }
    if (turn?.isLast === true) {
      socket.pause();
      return false;
    }
    const served = (turn?.served ?? 0) + 1;
    this.#turns.set(socket, { response, served, isLast: false });
    if (served >= this.requestsPerConnection) this.endWithAnswer(socket);
    return true;
  }

  /** Makes the answer that was begun last the last one of its connection. */
  endWithAnswer(socket: Socket): void {
    const turn = this.#turns.get(socket);
    if (turn === undefined || turn.isLast) return;
    turn.isLast = true;
    const { response } = turn;
    response.shouldKeepAlive = false;
    if (response.writableFinished) socket.destroySoon();
    else if (response.headersSent) response.once('finish', () => socket.destroySoon());
  }

  /** Whether an answer has not been sent to its end. */
  isAnswering(socket: Socket): boolean {
    return this.#turns.get(socket)?.response.writableFinished === false;
  }

  isLast(socket: Socket): boolean {
    return this.#turns.get(socket)?.isLast === true;
  }

  /** The response that was begun last on a connection. */
  responseOf(socket: Socket): ServerResponse | undefined {
    return this.#turns.get(socket)?.response;
  }
}
