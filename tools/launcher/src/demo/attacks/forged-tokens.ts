import { createHmac, createPublicKey } from 'node:crypto';
import { z } from 'zod';
import { parseAnswer } from '../answers';
import type { Stage } from '../stage';

const keySet = z.object({
  keys: z
    .tuple([z.looseObject({ kid: z.string(), n: z.string(), e: z.string() })])
    .rest(z.unknown()),
});

/** The three segments of a compact JWS. */
interface Segments {
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
}

/** The customer's valid access token, taken apart. */
export function segmentsOf(token: string): Segments {
  const [header = '', payload = '', signature = ''] = token.split('.');
  return { header, payload, signature };
}

/** A segment that decodes to this JSON. */
export function encodeJson(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** The JSON a segment decodes to. */
export function decodeJson(segment: string): Readonly<Record<string, unknown>> {
  const parsed: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString('utf8'));
  return z.record(z.string(), z.unknown()).parse(parsed);
}

/** The valid token's payload under `alg: none`, unsigned. */
export function withAlgNone(token: string): string {
  const { header, payload } = segmentsOf(token);
  return `${encodeJson({ ...decodeJson(header), alg: 'none' })}.${payload}.`;
}

/** The valid token's payload under HS256, keyed with the issuer's public key as anybody can fetch it. */
export async function withPublicKeyAsSecret({ client, facts }: Stage): Promise<string> {
  const response = await client.send({ method: 'GET', path: '/.well-known/jwks.json' });
  const [jwk] = parseAnswer(keySet, response).keys;
  const pem = createPublicKey({ key: { kty: 'RSA', n: jwk.n, e: jwk.e }, format: 'jwk' }).export({
    type: 'spki',
    format: 'pem',
  });
  const { payload } = segmentsOf(facts.recall('accessToken'));
  const header = encodeJson({ alg: 'HS256', typ: 'at+jwt', kid: jwk.kid });
  const signature = createHmac('sha256', pem).update(`${header}.${payload}`).digest('base64url');
  return `${header}.${payload}.${signature}`;
}

/** The token with the first bits of one segment changed, so that it still decodes. */
export function withAlteredSignature(token: string): string {
  const { header, payload, signature } = segmentsOf(token);
  const bytes = Buffer.from(signature, 'base64url');
  bytes[0] = (bytes[0] ?? 0) ^ 0b1000_0000;
  return `${header}.${payload}.${bytes.toString('base64url')}`;
}

/** The token with claims changed under the old signature. */
export function withAlteredClaims(
  token: string,
  claims: Readonly<Record<string, unknown>>,
): string {
  const { header, payload, signature } = segmentsOf(token);
  return `${header}.${encodeJson({ ...decodeJson(payload), ...claims })}.${signature}`;
}

/** The token with header parameters changed under the old signature. */
export function withAlteredHeader(
  token: string,
  change: Readonly<Record<string, unknown>>,
): string {
  const { header, payload, signature } = segmentsOf(token);
  return `${encodeJson({ ...decodeJson(header), ...change })}.${payload}.${signature}`;
}
