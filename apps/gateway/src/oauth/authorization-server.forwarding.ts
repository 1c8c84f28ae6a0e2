import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PUBLIC_ORIGIN } from '../app.tokens';
import { problem } from '../problems/problem';
import { requestContextOf } from '../upstream/request-context';
import { AUTHORIZATION_SERVER, type ReachesAuthorizationServer } from './authorization-server';
import { forwardedRequest, passBack } from './forwarding';

/** Has the authorization server answer a request. */
@Injectable()
export class AuthorizationServerForwarding {
  readonly #publicHost: string;

  constructor(
    @Inject(AUTHORIZATION_SERVER) private readonly server: ReachesAuthorizationServer,
    @Inject(PUBLIC_ORIGIN) publicOrigin: string,
  ) {
    this.#publicHost = new URL(publicOrigin).host;
  }

  /** @throws ProblemError 503 `dependency_unavailable` */
  async forward(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const forwarded = forwardedRequest(request, requestContextOf(request), this.#publicHost);
    const answer = await this.server.forward(forwarded).catch((cause: unknown) => {
      throw problem('dependency_unavailable', { cause, retryAfterSeconds: 2 });
    });
    passBack(reply, answer);
  }
}
