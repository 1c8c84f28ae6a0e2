import { createPrivateKey, type KeyObject } from 'node:crypto';
import { parseCertificate } from './certificate';
import { parseCertificatesPem } from './pem';
import type { SpiffeId } from './spiffe-id';
import { spiffeIdOfLeaf } from './svid-profile';
import { SvidRejected } from './svid-rejected.error';

export interface SvidPem {
  /** The leaf, then its intermediates. */
  readonly certificateChainPem: string;
  /** PKCS#8. */
  readonly privateKeyPem: string;
}

interface SvidFields extends SvidPem {
  readonly spiffeId: SpiffeId;
  readonly chain: readonly Buffer[];
  readonly privateKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * A workload's own X.509-SVID: the certificate chain and the private key of its leaf.
 * Opaque and immutable; a value exists only if the leaf has the profile of
 * {@link spiffeIdOfCertificate} and the key belongs to it. Whether the chain leads to a bundle and is
 * valid now is {@link verifySvidChain}'s question.
 */
export class Svid {
  readonly spiffeId: SpiffeId;
  /** DER, leaf first. */
  readonly chain: readonly Buffer[];
  readonly privateKey: KeyObject;
  /** Validity of the leaf. */
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly certificateChainPem: string;
  readonly #privateKeyPem: string;

  private constructor(fields: SvidFields) {
    this.spiffeId = fields.spiffeId;
    this.chain = fields.chain;
    this.privateKey = fields.privateKey;
    this.notBefore = fields.notBefore;
    this.notAfter = fields.notAfter;
    this.certificateChainPem = fields.certificateChainPem;
    this.#privateKeyPem = fields.privateKeyPem;
    Object.freeze(this);
  }

  /** @throws {SvidRejected} for the profile, `svid_key_malformed` or `svid_key_mismatch` */
  static parse({ certificateChainPem, privateKeyPem }: SvidPem): Svid {
    const chain = parseCertificatesPem(certificateChainPem);
    if (!chain) throw new SvidRejected('svid_malformed', 'there is no complete PEM certificate');
    const [leaf] = chain.map(parseCertificate);
    if (!leaf) throw new SvidRejected('svid_certificate_missing', 'the chain is empty');
    const privateKey = parsePrivateKey(privateKeyPem);
    if (!leaf.x509.checkPrivateKey(privateKey)) {
      throw new SvidRejected('svid_key_mismatch', 'the key does not match the certificate');
    }
    const { notBefore, notAfter } = leaf;
    const spiffeId = spiffeIdOfLeaf(leaf);
    return new Svid({
      ...{ spiffeId, chain, privateKey, notBefore, notAfter },
      ...{ certificateChainPem, privateKeyPem },
    });
  }

  /** An accessor, so that printing or serialising an Svid does not show the key. */
  get privateKeyPem(): string {
    return this.#privateKeyPem;
  }
}

function parsePrivateKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new SvidRejected('svid_key_malformed', 'there is no PEM private key', { cause });
  }
}
