import { sign } from 'node:crypto';
import type { Svid, SvidSource } from '@sallyport/workload-identity';

/** Signs claims by the key of a workload's own SVID: ES256, the chain in `x5c`, a `typ` of its own for each kind (R8). */
export class SvidJwsSigner {
  readonly #type: string;
  readonly #source: Pick<SvidSource, 'current'>;
  #header: { readonly svid: Svid; readonly encoded: string } | undefined;

  /** @param source asked for each token: a renewed SVID signs from the next one on. */
  constructor(type: string, source: Pick<SvidSource, 'current'>) {
    this.#type = type;
    this.#source = source;
  }

  /**
   * @param claimsOf told whose key signs
   * @throws TypeError when the SVID's key is not ECDSA P-256.
   */
  sign(claimsOf: (svid: Svid) => object): string {
    const { svid } = this.#source.current();
    const signingInput = `${this.#headerOf(svid)}.${encode(claimsOf(svid))}`;
    const signature = sign('sha256', Buffer.from(signingInput, 'latin1'), {
      key: svid.privateKey,
      dsaEncoding: 'ieee-p1363',
    });
    return `${signingInput}.${signature.toString('base64url')}`;
  }

  #headerOf(svid: Svid): string {
    if (this.#header?.svid !== svid) {
      if (svid.privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
        throw new TypeError('ES256 takes an SVID with an ECDSA P-256 key');
      }
      const x5c = svid.chain.map((certificate) => certificate.toString('base64'));
      this.#header = { svid, encoded: encode({ alg: 'ES256', typ: this.#type, x5c }) };
    }
    return this.#header.encoded;
  }
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
