import {
  CLIENT_AUTH,
  issueCertificate,
  privateKeyPem,
  SERVER_AUTH,
  type AlternativeName,
  type CertificateProfile,
  type IssuedCertificate,
  type KeyUsageName,
} from '@sallyport/dev-ca';
import { SpiffeId, type SvidPem } from '@sallyport/workload-identity';

const HOUR_MS = 3_600_000;

/** A certificate nobody has checked, with its key. */
export interface FakeCertificate extends SvidPem {
  /** DER, leaf first. */
  readonly chain: readonly Buffer[];
}

export interface FakeLeafParts {
  readonly spiffeId: SpiffeId;
  readonly profile: CertificateProfile;
  /** Undefined for a self-signed leaf. */
  readonly issuer: IssuedCertificate | undefined;
  readonly now: Date;
}

/**
 * A leaf about to be issued; each method gives a copy with one property broken. Breaks can be combined.
 */
export class FakeLeaf {
  /** @param parts the valid leaf: its profile is complete, its issuer the authority */
  constructor(private readonly parts: FakeLeafParts) {}

  /** By an hour. */
  expired(): FakeLeaf {
    return this.#lasting(-2 * HOUR_MS, -HOUR_MS);
  }

  /** For another hour. */
  notYetValid(): FakeLeaf {
    return this.#lasting(HOUR_MS, 2 * HOUR_MS);
  }

  /** @param second the id beside the genuine one */
  twoUriSans(second = SpiffeId.parse(`${this.parts.spiffeId.toString()}-2`)): FakeLeaf {
    const names = this.parts.profile.alternativeNames;
    return this.#with({ alternativeNames: [...names, uriName(second.toString())] });
  }

  noUriSan(): FakeLeaf {
    const names = this.parts.profile.alternativeNames;
    return this.#with({ alternativeNames: names.filter(({ type }) => type !== 'url') });
  }

  /** An authority in all respects, that may also authenticate: only the leaf profile refuses it. */
  isCa(): FakeLeaf {
    return this.#with({
      basicConstraints: { ca: true },
      keyUsage: ['digitalSignature', 'keyCertSign', 'cRLSign'],
    });
  }

  otherTrustDomain(name = 'foreign.example'): FakeLeaf {
    return this.#named(`spiffe://${name}${this.parts.spiffeId.path}`);
  }

  /** The id of the trust domain itself, which only authorities carry. */
  rootPath(): FakeLeaf {
    return this.#named(`spiffe://${this.parts.spiffeId.trustDomain.toString()}`);
  }

  notASpiffeId(uri = 'https://sallyport.internal/'): FakeLeaf {
    return this.#named(uri);
  }

  onlyServerAuth(): FakeLeaf {
    return this.#with({ extendedKeyUsage: [SERVER_AUTH] });
  }

  onlyClientAuth(): FakeLeaf {
    return this.#with({ extendedKeyUsage: [CLIENT_AUTH] });
  }

  /** X509-SVID permits this one. */
  withoutExtendedKeyUsage(): FakeLeaf {
    return this.#with({ extendedKeyUsage: [] });
  }

  withoutKeyUsage(): FakeLeaf {
    return this.#with({ keyUsage: [] });
  }

  wrongKeyUsage(keyUsage: readonly KeyUsageName[] = ['keyAgreement']): FakeLeaf {
    return this.#with({ keyUsage });
  }

  selfSigned(): FakeLeaf {
    return new FakeLeaf({ ...this.parts, issuer: undefined });
  }

  async issue(): Promise<FakeCertificate> {
    const { profile, issuer } = this.parts;
    const leaf = await issueCertificate(profile, issuer);
    const certificates = issuer ? [leaf, issuer] : [leaf];
    return {
      certificateChainPem: certificates.map(({ certificatePem }) => certificatePem).join(''),
      privateKeyPem: privateKeyPem(leaf),
      chain: certificates.map(({ certificate }) => certificate),
    };
  }

  #lasting(fromMs: number, untilMs: number): FakeLeaf {
    const now = this.parts.now.getTime();
    return this.#with({ notBefore: new Date(now + fromMs), notAfter: new Date(now + untilMs) });
  }

  #named(uri: string): FakeLeaf {
    const others = this.parts.profile.alternativeNames.filter(({ type }) => type !== 'url');
    return this.#with({ alternativeNames: [uriName(uri), ...others] });
  }

  #with(change: Partial<CertificateProfile>): FakeLeaf {
    return new FakeLeaf({ ...this.parts, profile: { ...this.parts.profile, ...change } });
  }
}

function uriName(value: string): AlternativeName {
  return { type: 'url', value };
}
