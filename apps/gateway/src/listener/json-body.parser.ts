import { ProblemError } from '@sallyport/nest-zero-trust';
import type { FastifyInstance } from 'fastify';

/**
 * Makes `application/json` the only media type this API takes. Keys that would reach a prototype are refused. The
 * parser's own message quotes the body, which may hold a password, and is dropped here.
 */
export function acceptOnlyJson(instance: FastifyInstance): void {
  const parse = instance.getDefaultJsonParser('error', 'error');
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser<string>(
    'application/json',
    { parseAs: 'string' },
    (request, body, done) => {
      void parse(request, body, (error: Error | null, value?: unknown) => {
        if (error === null) done(null, value);
        else done(new ProblemError(400, 'body_malformed'));
      });
    },
  );
}
