import type { Customer } from './customers';
import type { PublicClient, WireHeaders } from './public-client';
import type { PublicResponse } from './public-response';
import { rememberSecret } from './secrets-in-use';

const NAME = '__Host-sallyport-device';

/** The device cookie a response sets, as a client sends it back: `name=value`; undefined when it sets none. */
export function deviceCookieOf({ headers }: PublicResponse): string | undefined {
  const set = headers['set-cookie']?.find((cookie) => cookie.startsWith(`${NAME}=`));
  const cookie = set?.split(';', 1)[0];
  for (const token of cookie?.slice(NAME.length + 1).split('&') ?? []) rememberSecret(token);
  return cookie;
}

/** A device cookie of these tokens. */
export function deviceCookie(...tokens: readonly string[]): string {
  return `${NAME}=${tokens.join('&')}`;
}

/** Gives a password, from an address and perhaps a device; whatever comes of it. */
export function signIn(
  client: PublicClient,
  { email, password }: Pick<Customer, 'email' | 'password'>,
  { from, device }: { readonly from?: string; readonly device?: string | undefined } = {},
): Promise<PublicResponse> {
  const path = '/auth/login';
  const headers = cameFrom(from, device);
  return client.send({ method: 'POST', path, headers, json: { email, password } });
}

/** Headers of a request that a trusted proxy has taken from an address. */
export function cameFrom(address?: string, device?: string): WireHeaders {
  return [
    ...(address === undefined ? [] : ([['X-Forwarded-For', address]] as const)),
    ...(device === undefined ? [] : ([['Cookie', device]] as const)),
  ];
}
