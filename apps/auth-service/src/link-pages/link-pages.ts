import { ServiceError } from '@sallyport/nest-zero-trust';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { header } from '../oauth/page-replies';
import { LINK_PAGE_HEADERS } from './link-page-headers';
import { wordsFor } from './refusal-words';
import type { ShownRefusal } from './refusal-words';

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
  await reply.status(status).headers(LINK_PAGE_HEADERS).type('text/html; charset=utf-8').send(page);
}

/** The one script of such a page, which holds nothing of anybody. */
export async function showScript(reply: FastifyReply, script: string): Promise<void> {
  await reply
    .header('cache-control', 'public, max-age=3600')
    .type('text/javascript; charset=utf-8')
    .send(script);
}

/** As the gateway saw it. */
export function clientAddressOf(request: FastifyRequest): string | undefined {
  return header(request, 'x-client-address');
}
