import { text } from 'node:stream/consumers';
import type { FastifyRequest } from 'fastify';
import { header } from '../page-replies';
import type { AccountForm } from './account-page.service';

/** What a browser has posted to the account page. */
export async function accountFormOf(request: FastifyRequest): Promise<AccountForm> {
  return {
    cookies: request.headers.cookie,
    fields: new URLSearchParams(await text(request.raw)),
    clientAddress: header(request, 'x-client-address'),
  };
}
