import type { IncomingHttpHeaders } from 'node:http';
import { ProblemError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { FastifyInstance } from 'fastify';
import { recordRefusal } from '../problems/record-refusal';

/**
 * Makes `application/json` the only media type this API takes; another one, such as a form of another site sends
 * without a preflight, leaves a security event. Keys that would reach a prototype are refused. The parser's own message
 * quotes the body, which may hold a password, and is dropped here.
 */
export function acceptOnlyJson(instance: FastifyInstance, events: SecurityEvents): void {
  const parse = instance.getDefaultJsonParser('error', 'error');
  instance.removeAllContentTypeParsers();
  instance.addHook('preParsing', (request, _reply, payload, done) => {
    if (!announcesBody(request.headers) || isPlainJson(request.headers)) {
      done(null, payload);
      return;
    }
    const reason = 'media_type_unsupported';
    recordRefusal(events, request, { type: 'request', reason });
    done(new ProblemError(415, reason));
  });
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

function announcesBody(headers: IncomingHttpHeaders): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = headers;
  return encoding !== undefined || Number(length) > 0;
}

/** JSON is UTF-8 (RFC 8259 section 8.1); a body that claims otherwise would be read differently by what stands in front. */
function isPlainJson(headers: IncomingHttpHeaders): boolean {
  const { 'content-type': type = '', 'content-encoding': encoding } = headers;
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(type)?.[1];
  return (
    type.split(';', 1)[0]?.trim().toLowerCase() === 'application/json' &&
    (charset === undefined || charset.toLowerCase() === 'utf-8') &&
    (encoding === undefined || encoding.toLowerCase() === 'identity')
  );
}
