import type { mutualTlsAgent } from '@sallyport/nest-zero-trust';

export type InternalHttps = ReturnType<typeof mutualTlsAgent>;

/** Fetches the JWK Set below the issuer's internal base URL, over mutual TLS. Rejects unless the answer is 200 and JSON. */
export async function fetchIssuerKeys(
  agent: InternalHttps,
  baseUrl: string,
  signal: AbortSignal,
): Promise<unknown> {
  const { origin, pathname } = new URL(`${baseUrl}/.well-known/jwks.json`);
  const { statusCode, body } = await agent.exchange({
    origin,
    path: pathname,
    method: 'GET',
    signal,
  });
  if (statusCode !== 200) {
    await body.dump();
    throw new Error(`the key set was answered with status ${statusCode}`);
  }
  return body.json();
}
