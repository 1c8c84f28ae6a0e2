import type { FastifyReply } from 'fastify';
import { WINDOW_SECONDS } from './rate-limit-policy';
import type { Verdict } from './rate-limits';

/**
 * Tells the client which quota its request was taken from and what is left of it: Structured Fields (RFC 9651) as
 * draft-ietf-httpapi-ratelimit-headers-10 sections 3 and 4 have them. Without a partition key: a client knows by which
 * credential it asks.
 */
export function setRateLimitHeaders(reply: FastifyReply, verdict: Verdict): void {
  const { policy, quota, remaining, secondsLeft } = verdict;
  reply.header('ratelimit-policy', `"${policy}";q=${quota};w=${WINDOW_SECONDS}`);
  reply.header('ratelimit', `"${policy}";r=${remaining};t=${secondsLeft}`);
}
