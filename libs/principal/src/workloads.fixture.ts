import {
  issueCertificate,
  privateKeyPem,
  validFor,
  workloadAuthorityProfile,
  workloadProfile,
  type IssuedCertificate,
  type Validity,
} from '@sallyport/dev-ca';
import {
  SpiffeId,
  StaticSvidSource,
  Svid,
  TrustBundle,
  TrustDomain,
} from '@sallyport/workload-identity';

/** The time all fixtures agree on, in seconds since the epoch. */
export const NOW = 1_893_456_000;
export const clockAtNow = (): Date => new Date(NOW * 1000);

export const trustDomain = TrustDomain.parse('sallyport.internal');
export const foreignDomain = TrustDomain.parse('other.example');

const HOUR_MS = 3_600_000;

export function idOf(service: string, domain = trustDomain): SpiffeId {
  return SpiffeId.ofService({ trustDomain: domain, namespace: 'sallyport', service });
}

/** A root and an intermediate in memory, that issue SVIDs as the dev CA does. */
export class WorkloadCa {
  readonly bundle: TrustBundle;

  private constructor(
    readonly domain: TrustDomain,
    readonly root: IssuedCertificate,
    readonly intermediate: IssuedCertificate,
  ) {
    this.bundle = TrustBundle.parse(root.certificatePem);
  }

  static async create(domain = trustDomain): Promise<WorkloadCa> {
    const validity = validFor(24 * HOUR_MS, clockAtNow());
    const subject = 'CN=root';
    const root = await issueCertificate(
      workloadAuthorityProfile(domain, { ...validity, subject, pathLength: 1 }),
    );
    const intermediate = await issueCertificate(
      workloadAuthorityProfile(domain, { ...validity, subject: 'CN=intermediate', pathLength: 0 }),
      root,
    );
    return new WorkloadCa(domain, root, intermediate);
  }

  async issue(
    service: string,
    validity: Validity = validFor(HOUR_MS, clockAtNow()),
  ): Promise<Svid> {
    const leaf = await issueCertificate(
      workloadProfile(idOf(service, this.domain), validity),
      this.intermediate,
    );
    return Svid.parse({
      certificateChainPem: leaf.certificatePem + this.intermediate.certificatePem,
      privateKeyPem: privateKeyPem(leaf),
    });
  }

  sourceOf(svid: Svid): StaticSvidSource {
    return new StaticSvidSource({ svid, bundle: this.bundle });
  }
}
