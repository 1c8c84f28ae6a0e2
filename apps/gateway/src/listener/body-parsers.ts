import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import type { SecurityEvents } from '@sallyport/observability';
import { parseStrictJsonObject } from '@sallyport/tokens';
import type { FastifyInstance } from 'fastify';
import { invalidRequest } from '../problems/oauth-problem';
import { problem } from '../problems/problem';
import { recordRefusal } from '../problems/record-refusal';
import { FORM_MEDIA_TYPE, isOfMediaType, JSON_MEDIA_TYPE } from './media-type';

/** No token is longer than half of it. */
const FORM_LIMIT_BYTES = 16 * 1024;

/**
 * Makes `application/json` the only media type this API takes, and a form the only one of the routes that say so; another
 * one, such as a form of another site sends without a preflight, leaves a security event.
 */
export function addBodyParsers(instance: FastifyInstance, events: SecurityEvents): void {
  const parseJson = instance.getDefaultJsonParser('error', 'error');
  instance.removeAllContentTypeParsers();

  instance.addHook('preParsing', (request, _reply, payload, done) => {
    const { headers, routeOptions } = request;
    const { acceptsForm = false } = routeOptions.config;
    const isAccepted = acceptsForm
      ? isOfMediaType(headers, FORM_MEDIA_TYPE)
      : !announcesBody(headers) || isOfMediaType(headers, JSON_MEDIA_TYPE);
    if (isAccepted) {
      done(null, payload);
      return;
    }
    const reason = 'media_type_unsupported';
    recordRefusal(events, request, { type: 'request', reason });
    done(acceptsForm ? invalidRequest() : problem(reason));
  });

  // Keys that would reach a prototype are refused, and what two readers could read differently. The parser's own message
  // quotes the body, which may hold a password, and is dropped here.
  instance.addContentTypeParser<Buffer>(
    JSON_MEDIA_TYPE,
    { parseAs: 'buffer' },
    (request, body, done) => {
      void parseJson(request, body.toString('utf8'), (error: Error | null, value?: unknown) => {
        if (error === null && isUnambiguous(body, value)) {
          done(null, value);
          return;
        }
        const reason = 'body_malformed';
        recordRefusal(events, request, { type: 'request', reason });
        done(problem(reason));
      });
    },
  );
  instance.addContentTypeParser<string>(
    FORM_MEDIA_TYPE,
    { parseAs: 'string', bodyLimit: FORM_LIMIT_BYTES },
    (request, body, done) => {
      // An empty body is let pass above, and would be parsed here on any route.
      if (request.routeOptions.config.acceptsForm === true) done(null, new URLSearchParams(body));
      else done(problem('media_type_unsupported'));
    },
  );
}

/** Whether the bytes of a parsed object are UTF-8, and name no member twice. */
function isUnambiguous(body: Buffer, value: unknown): boolean {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isUtf8(body) && (!isObject || parseStrictJsonObject(body) !== undefined);
}

function announcesBody(headers: IncomingHttpHeaders): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = headers;
  return encoding !== undefined || Number(length) > 0;
}
