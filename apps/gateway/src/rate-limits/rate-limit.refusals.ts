import { Inject, Injectable } from '@nestjs/common';
import type { ProblemError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { FastifyRequest } from 'fastify';
import { SECURITY_EVENTS } from '../app.tokens';
import { SparseEvents } from '../listener/sparse-events';
import { problem } from '../problems/problem';
import { recordRefusal } from '../problems/record-refusal';
import type { Identity } from './identity';
import type { Verdict } from './rate-limits';

/** Refuses requests that have no quota left, with one security event a minute for each identity and quota. */
@Injectable()
export class RateLimitRefusals {
  readonly #events: SparseEvents;

  constructor(@Inject(SECURITY_EVENTS) events: SecurityEvents) {
    this.#events = new SparseEvents(events);
  }

  /** The 429 `rate_limited` of a request. */
  of(request: FastifyRequest, identity: Identity, verdict: Verdict): ProblemError {
    const { kind, id } = identity;
    const { policy, secondsLeft: retryAfterSeconds } = verdict;
    const sparse: SecurityEvents = {
      record: (event) => {
        const apiKeyId = kind === 'api_key' ? id : undefined;
        this.#events.record(`${kind}:${policy}:${id}`, { ...event, apiKeyId });
      },
    };
    const type = policy === 'refused' ? 'authentication' : 'request';
    recordRefusal(sparse, request, { type, reason: 'rate_limited' });
    return problem('rate_limited', { retryAfterSeconds, detail: `${kind} ${policy}` });
  }
}
