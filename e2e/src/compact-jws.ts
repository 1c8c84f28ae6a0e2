import { sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export type JsonObject = Readonly<Record<string, unknown>>;

/** A compact JWS taken apart, with its first two parts decoded. */
export interface JwsParts {
  readonly header: JsonObject;
  readonly payload: JsonObject;
  readonly signature: Buffer;
}

/** Reads a token without verifying anything. */
export function partsOf(token: string): JwsParts {
  const [header = '', payload = '', signature = ''] = token.split('.');
  return {
    header: decodeJson(header),
    payload: decodeJson(payload),
    signature: Buffer.from(signature, 'base64url'),
  };
}

export function encodeJson(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Puts a token together; the signature is whatever `signatureOf` makes of what it should cover. */
export function compactJws(
  header: JsonObject,
  payload: JsonObject,
  signatureOf: (signingInput: string) => Buffer,
): string {
  const signingInput = `${encodeJson(header)}.${encodeJson(payload)}`;
  return `${signingInput}.${signatureOf(signingInput).toString('base64url')}`;
}

/** RSASSA-PKCS1-v1_5 with SHA-256: `RS256`. */
export function rs256(privateKey: KeyObject): (signingInput: string) => Buffer {
  return (signingInput) => sign('sha256', Buffer.from(signingInput), privateKey);
}

function decodeJson(segment: string): JsonObject {
  return JSON.parse(Buffer.from(segment, 'base64url').toString('utf8')) as JsonObject;
}
