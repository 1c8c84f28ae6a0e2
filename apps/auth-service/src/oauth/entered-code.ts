import type { FastifyRequest } from 'fastify';
import { presentedDevices } from '../devices/device-cookie';
import { userAgentOf } from '../sessions/user-agent';
import type { EnteredCode } from './code-step';
import { header } from './page-replies';

/** What the page that asks for a code has posted. */
export function enteredCodeOf(request: FastifyRequest, fields: URLSearchParams): EnteredCode {
  return {
    method: fields.get('method') ?? '',
    // What an authenticator has filled in, or a person.
    code: fields.get('credential') ?? fields.get('code') ?? '',
    startAgain: fields.has('again'),
    sendMessage: fields.has('send'),
    clientAddress: header(request, 'x-client-address'),
    userAgent: userAgentOf(header(request, 'user-agent') ?? ''),
    deviceTokens: presentedDevices(request.headers.cookie),
  };
}
