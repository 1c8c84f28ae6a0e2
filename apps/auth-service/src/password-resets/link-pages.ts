import { ServiceError } from '@sallyport/nest-zero-trust';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { wordsFor } from './refusal-words';
import type { ShownRefusal } from './refusal-words';

/**
 * Pages that links in mails lead to set no cookie and read none, link to nobody else and say to nobody where a visitor came from. They load their style
 * and one script from here.
 */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;

/** Acts on a form, and shows what came of it. @throws what is no refusal */
export async function answerWithPage(
  reply: FastifyReply,
  act: () => Promise<unknown>,
  pages: { readonly done: () => string; readonly refused: (refusal: ShownRefusal) => string },
): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const refusal = wordsFor(error);
    return showPage(reply, refusal.status, pages.refused(refusal));
  }
  return showPage(reply, 200, pages.done());
}

export async function showPage(reply: FastifyReply, status: number, page: string): Promise<void> {
  await reply.status(status).headers(HEADERS).type('text/html; charset=utf-8').send(page);
}

/** As the gateway saw it. */
export function clientAddressOf({ headers }: FastifyRequest): string | undefined {
  const value = headers['x-client-address'];
  return typeof value === 'string' ? value : undefined;
}
