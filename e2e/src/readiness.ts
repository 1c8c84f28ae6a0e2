import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/** What a service says of itself on its operations port. */
export interface Readiness {
  readonly status: number;
  /** `up` or `down` by the name of what it cannot answer without. */
  readonly checks: Readonly<Record<string, string>>;
}

const TIMEOUT_MS = 5_000;

/** @throws Error when nothing answers there. */
export async function readinessOf({ opsUrl }: { readonly opsUrl: string }): Promise<Readiness> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${opsUrl}/health/ready`, { agent: false, timeout: TIMEOUT_MS }, resolve).once(
      'error',
      reject,
    );
  });
  const { checks } = JSON.parse(await text(response)) as Pick<Readiness, 'checks'>;
  return { status: response.statusCode ?? 0, checks };
}
