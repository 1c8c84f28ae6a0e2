import type { PublicRequest } from '../../public/public-client';
import { describeAnswer } from '../answers';
import type { Stage } from '../stage';
import type { Step } from '../step';

interface RefusedRequest {
  readonly title: string;
  /** What is special about the request, in few words. */
  readonly sent: string;
  readonly attempt: (stage: Stage) => PublicRequest | Promise<PublicRequest>;
  /** What the client is told: `401 token_invalid`. */
  readonly answer: string;
  /** What the gateway logs. */
  readonly reason: string;
}

/** A request from outside that the gateway refuses, and of which nothing gets past it. */
export function refusedRequest({ title, sent, attempt, answer, reason }: RefusedRequest): Step {
  return {
    title,
    run: async (stage) => {
      const request = await attempt(stage);
      const watch = await stage.watch('gateway', 'orders-service');
      const response = await stage.client.send(request);
      const logged = await watch.refusal();
      return {
        sent,
        expected: `${answer}, logged as ${reason}, no handler ran`,
        got: `${describeAnswer(response)}, logged as ${logged}, ${ran(await watch.handled())}`,
      };
    },
  };
}

/** Whether a handler ran, in words. */
export function ran(handled: readonly string[]): string {
  return handled.length === 0 ? 'no handler ran' : `${handled.join(' and ')} ran`;
}
