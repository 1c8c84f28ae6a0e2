import { randomBytes, randomUUID } from 'node:crypto';
import { sharedCluster } from './cluster-facts';
import { partsOf } from './compact-jws';
import type { PublicClient } from './public-client';
import type { PublicResponse } from './public-response';

/** Somebody who is signed in. */
export interface Customer {
  readonly accessToken: string;
  readonly userId: string;
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
export async function signUp(client: PublicClient): Promise<Customer> {
  const email = `e2e-${randomUUID()}@example.com`;
  const password = randomBytes(18).toString('base64url');
  const path = '/auth/register';
  return signedIn(await client.send({ method: 'POST', path, json: { email, password } }), {
    email,
    password,
  });
}

/** Opens a session of one of the accounts that `npm start` also seeds. */
export async function signInAs(client: PublicClient, email: string): Promise<Customer> {
  const account = sharedCluster().seededAccounts.find((each) => each.email === email);
  if (account === undefined) throw new Error(`there is no seeded account ${email}`);
  return logIn(client, account);
}

export async function logIn(
  client: PublicClient,
  { email, password }: Pick<Customer, 'email' | 'password'>,
): Promise<Customer> {
  const path = '/auth/login';
  return signedIn(await client.send({ method: 'POST', path, json: { email, password } }), {
    email,
    password,
  });
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

/** The refresh cookie a response sets, as a client sends it back; undefined when it sets none. */
export function refreshCookieOf({ headers }: PublicResponse): string | undefined {
  return headers['set-cookie']
    ?.find((cookie) => cookie.startsWith('__Secure-sallyport-refresh='))
    ?.split(';', 1)[0];
}

function signedIn(
  response: PublicResponse,
  account: Pick<Customer, 'email' | 'password'>,
): Customer {
  const created = response.status === 201 ? 201 : 200;
  const accessToken = String(expectStatus(response, created)['access_token']);
  const cookie = refreshCookieOf(response);
  if (cookie === undefined) throw new Error('no refresh cookie was set');
  return { ...account, accessToken, cookie, userId: String(partsOf(accessToken).payload['sub']) };
}

function expectStatus(
  { status, body, json }: PublicResponse,
  expected: number,
): Readonly<Record<string, unknown>> {
  if (status !== expected) throw new Error(`expected ${expected}, got ${status} ${body}`);
  return json as Record<string, unknown>;
}
