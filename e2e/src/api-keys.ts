import { crc32 } from 'node:zlib';
import type { Customer } from './customers';
import type { PublicClient, PublicRequest, WireHeaders } from './public-client';
import type { PublicResponse } from './public-response';

/** An API key that somebody has made. */
export interface HeldApiKey {
  readonly id: string;
  /** The whole of it, as it is presented. */
  readonly key: string;
}

/** What the owner is shown of one secret. */
export interface ShownSecret {
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
  readonly validUntil: string | null;
}

/** What the owner is shown of a key. */
export interface ShownApiKey {
  readonly id: string;
  readonly current: ShownSecret;
  readonly previous: ShownSecret | null;
}

type Owner = Pick<Customer, 'accessToken'>;

/** How a key is presented. */
function withApiKey({ key }: Pick<HeldApiKey, 'key'>): WireHeaders {
  return [['X-API-Key', key]];
}

/** A request that is made with a key. */
export function sendWithKey(
  client: PublicClient,
  key: Pick<HeldApiKey, 'key'>,
  request: PublicRequest = { path: '/orders' },
): Promise<PublicResponse> {
  return client.send({ ...request, headers: [...withApiKey(key), ...(request.headers ?? [])] });
}

/** Asks for a key; whatever comes of it. */
export function askForApiKey(
  client: PublicClient,
  { accessToken }: Owner,
  wanted: { readonly scopes: readonly string[]; readonly expiresAt?: string },
): Promise<PublicResponse> {
  const json = { name: 'e2e', ...wanted };
  return client.send({ method: 'POST', path: '/api-keys', accessToken, json });
}

/** Makes a key, of `orders:read` unless told otherwise. */
export async function makeApiKey(
  client: PublicClient,
  owner: Owner,
  wanted: { readonly scopes?: readonly string[]; readonly expiresAt?: string } = {},
): Promise<HeldApiKey> {
  return heldKeyOf(await askForApiKey(client, owner, { scopes: ['orders:read'], ...wanted }), 201);
}

/** Asks for a new secret of a key; whatever comes of it. */
export function askToRotate(
  client: PublicClient,
  { accessToken }: Owner,
  { id }: Pick<HeldApiKey, 'id'>,
  overlapSeconds: number,
): Promise<PublicResponse> {
  const path = `/api-keys/${id}/rotate`;
  return client.send({ method: 'POST', path, accessToken, json: { overlapSeconds } });
}

/** Gives a key a new secret. */
export async function rotateApiKey(
  client: PublicClient,
  owner: Owner,
  key: Pick<HeldApiKey, 'id'>,
  overlapSeconds: number,
): Promise<HeldApiKey> {
  return heldKeyOf(await askToRotate(client, owner, key, overlapSeconds), 200);
}

/** The keys as their owner sees them. */
export async function listApiKeys(
  client: PublicClient,
  { accessToken }: Owner,
): Promise<readonly ShownApiKey[]> {
  const { json } = await client.send({ path: '/api-keys', accessToken });
  return (json as { readonly items: readonly ShownApiKey[] }).items;
}

/** A key of one's id and another's secret, with the checksum that belongs to that. */
export function splicedKey(idOf: HeldApiKey, secretOf: HeldApiKey): HeldApiKey {
  const secret = secretOf.key.slice(20, 20 + 43);
  const body = `sp_${idOf.id}_${secret}`;
  return { id: idOf.id, key: body + checksumOf(body) };
}

/** CRC-32 in six digits of base 62, written down once more: what it is made by is not asked whether it is right. */
function checksumOf(body: string): string {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  let [rest, text] = [crc32(body), ''];
  for (let place = 0; place < 6; place += 1) {
    text = digits.charAt(rest % 62) + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}

function heldKeyOf({ status, json, body }: PublicResponse, expected: number): HeldApiKey {
  if (status !== expected) throw new Error(`there is no key in ${status} ${body}`);
  const { id, key } = json as HeldApiKey;
  return { id, key };
}
