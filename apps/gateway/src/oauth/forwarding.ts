import {
  CLIENT_CERTIFICATE_HEADER,
  encodeClientCertificate,
  LONGEST_CLIENT_CERTIFICATE,
} from '@sallyport/principal';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { presentedCertificateOf } from '../partners/presented-certificate';
import type { RequestContext } from '../upstream/request-context';
import type { ForwardedAnswer, ForwardedRequest } from './authorization-server';

/** What of a client's headers the authorization server has use for. Cookies are chosen by name. */
const PASSED_ON = [
  'accept',
  'accept-language',
  'authorization',
  'content-type',
  'dpop',
  'user-agent',
] as const;

/** The cookies of its own pages; those of `/auth` and of other applications are none of its business. */
const COOKIES =
  /^__(?:Secure-sallyport-(?:signed-in|code|interaction|resume)|Host-sallyport-device)=/;

/** What of its answers reaches the client. */
const PASSED_BACK = [
  'cache-control',
  'content-security-policy',
  'content-type',
  'dpop-nonce',
  'location',
  'referrer-policy',
  'www-authenticate',
] as const;

/**
 * Builds the request for the authorization server anew (R6). The certificate in it is that of the connection, and of no
 * header (RFC 9440); one that is too large for a header is not handed on, and stands for nobody.
 */
export function forwardedRequest(
  request: FastifyRequest,
  { correlationId, clientAddress }: RequestContext,
  publicHost: string,
): ForwardedRequest {
  const headers: Record<string, string> = {
    host: publicHost,
    'x-correlation-id': correlationId,
    'x-client-address': clientAddress,
  };
  for (const name of PASSED_ON) {
    const value = request.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  const cookies = ownCookies(request.headers.cookie ?? '');
  if (cookies !== '') headers['cookie'] = cookies;
  const { der } = presentedCertificateOf(request.raw) ?? {};
  if (der !== undefined && der.length <= LONGEST_CLIENT_CERTIFICATE) {
    headers[CLIENT_CERTIFICATE_HEADER] = encodeClientCertificate(der);
  }
  const body = request.body instanceof URLSearchParams ? request.body.toString() : undefined;
  return { method: request.method, target: request.raw.url ?? '/', headers, body };
}

/** Answers the client with what came back. */
export function passBack(reply: FastifyReply, { status, headers, body }: ForwardedAnswer): void {
  for (const name of PASSED_BACK) {
    const value = headers[name];
    // Of several challenges each may have come in a field of its own (RFC 9110 section 5.2).
    if (value !== undefined) reply.header(name, [value].flat().join(', '));
  }
  const { 'set-cookie': cookies } = headers;
  if (cookies !== undefined) reply.header('set-cookie', cookies);
  reply.status(status).send(body);
}

function ownCookies(header: string): string {
  return header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => COOKIES.test(pair))
    .join('; ');
}
