import type { IncomingHttpHeaders } from 'node:http';
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
      if (!isPlainUtf8(request.headers)) {
        done(new ProblemError(415, 'media_type_unsupported'));
        return;
      }
      void parse(request, body, (error: Error | null, value?: unknown) => {
        if (error === null) done(null, value);
        else done(new ProblemError(400, 'body_malformed'));
      });
    },
  );
}

/** JSON is UTF-8 (RFC 8259 section 8.1); a body that claims otherwise would be read differently by what stands in front. */
function isPlainUtf8(headers: IncomingHttpHeaders): boolean {
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(headers['content-type'] ?? '')?.[1];
  const encoding = headers['content-encoding'];
  return (
    (charset === undefined || charset.toLowerCase() === 'utf-8') &&
    (encoding === undefined || encoding.toLowerCase() === 'identity')
  );
}
