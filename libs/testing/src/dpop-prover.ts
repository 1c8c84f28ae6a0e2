import { generateKeyPairSync, hash, randomUUID, sign, type KeyObject } from 'node:crypto';

/** What a proof is made for. */
export interface ProvenCall {
  readonly method: string;
  /** Absolute. */
  readonly uri: string;
  /** The token beside the proof; none at the token endpoint. */
  readonly accessToken?: string;
}

export interface ProofOverrides {
  /** Members to add or replace; one that is `undefined` is left out. */
  readonly header?: Readonly<Record<string, unknown>>;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly privateKey?: KeyObject;
  /** Computes the signature in place of ES256. */
  readonly signature?: (signingInput: string) => Buffer;
}

/** Holds a key and proves it, as a client does (RFC 9449 §4.2); or almost: mint a valid proof, break one property. */
export class DpopProver {
  readonly privateKey: KeyObject;
  readonly publicJwk: Readonly<Record<string, unknown>>;
  /** What `cnf.jkt` and `dpop_jkt` name (RFC 7638). */
  readonly thumbprint: string;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { crv, kty, x, y } = publicKey.export({ format: 'jwk' });
    this.privateKey = privateKey;
    this.publicJwk = { crv, kty, x, y };
    this.thumbprint = hash('sha256', JSON.stringify(this.publicJwk), 'base64url');
  }

  /** A proof of this moment with an id of its own. */
  proof(
    { method, uri, accessToken }: ProvenCall,
    { header = {}, payload = {}, privateKey = this.privateKey, signature }: ProofOverrides = {},
  ): string {
    const signingInput = [
      { typ: 'dpop+jwt', alg: 'ES256', jwk: this.publicJwk, ...header },
      {
        jti: randomUUID(),
        htm: method,
        htu: uri,
        iat: Math.floor(Date.now() / 1000),
        ...(accessToken !== undefined && { ath: hash('sha256', accessToken, 'base64url') }),
        ...payload,
      },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const signed =
      signature?.(signingInput) ??
      sign('sha256', Buffer.from(signingInput), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    return `${signingInput}.${signed.toString('base64url')}`;
  }
}
