import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Redirection, Shown } from './interaction-pages';
import { errorPage } from './pages/error.page';
import { pageHeaders } from './pages/page-headers';
import { providerLibrary } from './provider-library';

/** Answers with a page, or by sending the browser on to one. */
export async function send(reply: FastifyReply, answer: Shown | Redirection): Promise<void> {
  if ('page' in answer) {
    const { status, page, redirectUri, hasScript } = answer;
    reply
      .status(status)
      .headers(pageHeaders(redirectUri, { hasScript }))
      .type('text/html; charset=utf-8');
    await reply.send(page);
    return;
  }
  const { location, cookies = [] } = answer;
  if (cookies.length > 0) reply.header('set-cookie', [...cookies]);
  await reply.header('cache-control', 'no-store').redirect(location, 303);
}

/**
 * Answers with what a step of an interaction comes to: a page or the way to one; nothing, when the step has written the response; and the
 * error page for what the authorization server does not take part in.
 */
export async function answerWith(
  reply: FastifyReply,
  step: () => Promise<Shown | Redirection | undefined>,
): Promise<void> {
  try {
    const answer = await step();
    if (answer === undefined) reply.hijack();
    else await send(reply, answer);
  } catch (error) {
    const { errors } = providerLibrary();
    if (!(error instanceof errors.OIDCProviderError)) throw error;
    const { error: code, error_description: description } = error;
    await send(reply, { status: 400, page: errorPage(code, description) });
  }
}

export function header({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}
