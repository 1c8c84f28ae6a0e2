import { Inject, Injectable } from '@nestjs/common';
import type { SecurityEvents } from '@sallyport/observability';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PUBLIC_ORIGIN, SECURITY_EVENTS } from '../app.tokens';
import { invalidRequest } from '../problems/oauth-problem';
import { problem } from '../problems/problem';
import { recordRefusal } from '../problems/record-refusal';
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
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {
    this.#publicHost = new URL(publicOrigin).host;
  }

  /** @throws ProblemError 400 `invalid_request` for what no parameter may hold; 503 `dependency_unavailable` */
  async forward(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (holdsNul(request)) {
      recordRefusal(this.events, request, { type: 'request', reason: 'invalid_request' });
      throw invalidRequest();
    }
    const forwarded = forwardedRequest(request, requestContextOf(request), this.#publicHost);
    const answer = await this.server.forward(forwarded).catch((cause: unknown) => {
      throw problem('dependency_unavailable', { cause, retryAfterSeconds: 2 });
    });
    passBack(reply, answer);
  }
}

/** U+0000 is in no parameter of OAuth (RFC 6749 appendix A) and in no text that a database takes. */
function holdsNul({ raw, body }: FastifyRequest): boolean {
  return (
    raw.url?.includes('%00') === true ||
    (body instanceof URLSearchParams && body.toString().includes('%00'))
  );
}
