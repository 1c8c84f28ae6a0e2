import { randomBytes, randomUUID } from 'node:crypto';
import { sharedCluster } from './cluster-facts';
import type { ClusterFacts } from './cluster-facts';
import { partsOf } from './compact-jws';
import type { PublicClient, WireHeaders } from './public-client';
import type { PublicResponse } from './public-response';

/** Somebody who is signed in. */
export interface Customer {
  readonly accessToken: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly email: string;
  readonly password: string;
  /** The refresh cookie as a client sends it back: `name=value`. */
  readonly cookie: string;
}

/** An order as the gateway answers it. */
export interface PlacedOrder {
  readonly id: string;
  readonly status: string;
  readonly invoiceId: string | null;
  readonly items: readonly { readonly sku: string; readonly quantity: number }[];
  readonly total: { readonly amount: number; readonly currency: string };
}

/** Registers an account of its own, so that specs do not meet each other's rows. */
export async function signUp(client: PublicClient, headers: WireHeaders = []): Promise<Customer> {
  const account = {
    email: `e2e-${randomUUID()}@example.com`,
    password: randomBytes(18).toString('base64url'),
  };
  const path = '/auth/register';
  return signedIn(await client.send({ method: 'POST', path, headers, json: account }), account);
}

/** Opens a session of one of the accounts that `npm start` also seeds. */
export async function signInAs(
  client: PublicClient,
  email: string,
  { seededAccounts }: Pick<ClusterFacts, 'seededAccounts'> = sharedCluster(),
): Promise<Customer> {
  const account = seededAccounts.find((each) => each.email === email);
  if (account === undefined) throw new Error(`there is no seeded account ${email}`);
  return logIn(client, account);
}

export async function logIn(
  client: PublicClient,
  { email, password }: Pick<Customer, 'email' | 'password'>,
  headers: WireHeaders = [],
): Promise<Customer> {
  const account = { email, password };
  const path = '/auth/login';
  return signedIn(await client.send({ method: 'POST', path, headers, json: account }), account);
}

/** Presents the refresh cookie; whatever comes of it. */
export function refresh(
  client: PublicClient,
  { cookie }: Pick<Customer, 'cookie'>,
  headers: WireHeaders = [],
): Promise<PublicResponse> {
  return client.send({
    method: 'POST',
    path: '/auth/refresh',
    headers: [['Cookie', cookie], ...headers],
  });
}

/** Exchanges the refresh cookie: the same session, with its next tokens. */
export async function renew(
  client: PublicClient,
  customer: Customer,
  headers: WireHeaders = [],
): Promise<Customer> {
  return signedIn(await refresh(client, customer, headers), customer);
}

/** Places an order for the first product of the catalogue; billing-service charges it before this resolves. */
export async function placeOrder(
  client: PublicClient,
  { accessToken }: Pick<Customer, 'accessToken'>,
  quantity = 1,
): Promise<PlacedOrder> {
  const products = await client.send({ path: '/products' });
  const [product] = expectStatus(products, 200)['items'] as readonly { readonly sku: string }[];
  if (product === undefined) throw new Error('the catalogue is empty');
  const response = await client.send({
    method: 'POST',
    path: '/orders',
    accessToken,
    headers: [['Idempotency-Key', randomUUID()]],
    json: { items: [{ sku: product.sku, quantity }] },
  });
  return expectStatus(response, 201) as unknown as PlacedOrder;
}

/** The value of the refresh cookie. */
export function refreshTokenOf({ cookie }: Pick<Customer, 'cookie'>): string {
  return cookie.slice(cookie.indexOf('=') + 1);
}

/** The refresh cookie a response sets, as a client sends it back; undefined when it sets none. */
export function refreshCookieOf({ headers }: PublicResponse): string | undefined {
  return headers['set-cookie']
    ?.find((cookie) => cookie.startsWith('__Secure-sallyport-refresh='))
    ?.split(';', 1)[0];
}

/**
 * Who holds the tokens of a response that issued some.
 *
 * @throws Error when it issued none
 */
export function signedIn(
  response: PublicResponse,
  { email, password }: Pick<Customer, 'email' | 'password'>,
): Customer {
  const created = response.status === 201 ? 201 : 200;
  const accessToken = String(expectStatus(response, created)['access_token']);
  const cookie = refreshCookieOf(response);
  if (cookie === undefined) throw new Error('no refresh cookie was set');
  const { sub, sid } = partsOf(accessToken).payload;
  return { email, password, accessToken, cookie, userId: String(sub), sessionId: String(sid) };
}

function expectStatus(
  { status, body, json }: PublicResponse,
  expected: number,
): Readonly<Record<string, unknown>> {
  if (status !== expected) throw new Error(`expected ${expected}, got ${status} ${body}`);
  return json as Record<string, unknown>;
}
