import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Cluster } from '@sallyport/launcher';
import { Agent, request } from 'undici';

interface Answer {
  readonly access_token?: string;
  readonly id?: string;
  readonly code?: string;
}

const post = async (
  cluster: Cluster,
  path: string,
  headers: Record<string, string>,
  body: unknown,
): Promise<Answer> => {
  const dispatcher = new Agent({ connect: { ca: readFileSync(cluster.caFile) } });
  try {
    const response = await request(new URL(path, cluster.gatewayUrl), {
      dispatcher,
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const answer = (await response.body.json()) as Answer;
    if (response.statusCode >= 300) {
      throw new Error(`${path} answered ${String(response.statusCode)} ${answer.code ?? ''}`);
    }
    return answer;
  } finally {
    await dispatcher.close();
  }
};

const required = (value: string | undefined, name: string): string => {
  if (value === undefined) throw new Error(`the answer has no ${name}`);
  return value;
};

/** Registers an account of its own; resolves with its access token. */
export const signUp = async (cluster: Cluster): Promise<string> => {
  const { access_token: token } = await post(
    cluster,
    '/auth/register',
    {},
    {
      email: `bench-${randomUUID()}@example.com`,
      password: randomBytes(24).toString('base64url'),
    },
  );
  return required(token, 'access_token');
};

/** Places one order; resolves with its id. */
export const placeOrder = async (cluster: Cluster, accessToken: string): Promise<string> => {
  const catalogue = await get<{ items: readonly { sku: string }[] }>(cluster, '/products');
  const { id } = await post(
    cluster,
    '/orders',
    { authorization: `Bearer ${accessToken}`, 'idempotency-key': randomUUID() },
    { items: [{ sku: required(catalogue.items[0]?.sku, 'sku'), quantity: 1 }] },
  );
  return required(id, 'id');
};

/** Reads a public resource. */
export const get = async <T>(cluster: Cluster, path: string): Promise<T> => {
  const dispatcher = new Agent({ connect: { ca: readFileSync(cluster.caFile) } });
  try {
    const response = await request(new URL(path, cluster.gatewayUrl), { dispatcher });
    return (await response.body.json()) as T;
  } finally {
    await dispatcher.close();
  }
};
