import type { FastifyRequest } from 'fastify';
import { presentedDevices } from '../devices/device-cookie';
import type { PresentedPasskeyLogin } from '../passkeys/passkey-login.service';
import { userAgentOf } from '../sessions/user-agent';
import { header } from './page-replies';

/** What the form of a passkey has posted from the sign-in page. */
export function presentedPasskeyOf(
  request: FastifyRequest,
  fields: URLSearchParams,
): PresentedPasskeyLogin {
  return {
    credential: fields.get('credential') ?? '',
    clientAddress: header(request, 'x-client-address'),
    userAgent: userAgentOf(header(request, 'user-agent') ?? ''),
    deviceTokens: presentedDevices(request.headers.cookie),
  };
}
