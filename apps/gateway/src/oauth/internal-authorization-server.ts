import type { InternalHttps } from '../well-known/fetch-issuer-keys';
import type { ReachesAuthorizationServer } from './authorization-server';

/** A password hash costs time by design, more of it when several wait. */
const TIMEOUT_MS = 8_000;

/** Far more than any page or token answer; a peer that sends more is not believed. */
const LARGEST_ANSWER = 1024 * 1024;

/** The authorization server below the issuer's internal base URL. */
export function authorizationServerAt(
  agent: InternalHttps,
  baseUrl: string,
): ReachesAuthorizationServer {
  const { origin } = new URL(baseUrl);
  return {
    async forward({ method, target, headers, body }) {
      const answer = await agent.exchange({
        origin,
        path: target,
        method,
        headers,
        body: body ?? null,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const received = Buffer.from(await answer.body.arrayBuffer());
      if (received.length > LARGEST_ANSWER) throw new TypeError('the answer is too large');
      return { status: answer.statusCode, headers: answer.headers, body: received };
    },
  };
}
