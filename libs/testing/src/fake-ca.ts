import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DevCa,
  issueCertificate,
  validFor,
  workloadAuthorityProfile,
  workloadProfile,
  type IssuedCertificate,
  type WorkloadAuthority,
} from '@sallyport/dev-ca';
import {
  IDENTITY_FILES,
  SpiffeId,
  StaticSvidSource,
  Svid,
  TrustBundle,
  TrustDomain,
  type WorkloadContext,
} from '@sallyport/workload-identity';
import { FakeLeaf } from './fake-leaf';

const HOUR_MS = 3_600_000;

export interface FakeCaOptions {
  readonly trustDomain?: string;
  readonly namespace?: string;
  readonly clock?: () => Date;
}

/**
 * A certificate authority for tests: root and intermediate in memory, or those of a folder that a
 * {@link DevCa} keeps. Two of them made alike are strangers to each other.
 */
export class FakeCa {
  readonly trustDomain: TrustDomain;
  readonly #namespace: string;
  readonly #clock: () => Date;
  readonly #intermediate: IssuedCertificate;
  readonly #bundle: TrustBundle;

  private constructor(authority: WorkloadAuthority, options: FakeCaOptions) {
    this.trustDomain = authority.trustDomain;
    this.#namespace = options.namespace ?? 'sallyport';
    this.#clock = options.clock ?? (() => new Date());
    this.#intermediate = authority.intermediate;
    this.#bundle = TrustBundle.parse(authority.bundlePem);
  }

  static async create(options: FakeCaOptions = {}): Promise<FakeCa> {
    const trustDomain = TrustDomain.parse(options.trustDomain ?? 'sallyport.internal');
    const validity = validFor(24 * HOUR_MS, options.clock?.() ?? new Date());
    const issueAuthority = (pathLength: number, issuer?: IssuedCertificate) => {
      const subject = `CN=Fake authority ${randomUUID()}`;
      const profile = { ...validity, subject, pathLength };
      return issueCertificate(workloadAuthorityProfile(trustDomain, profile), issuer);
    };
    const root = await issueAuthority(1);
    const intermediate = await issueAuthority(0, root);
    return new FakeCa({ trustDomain, intermediate, bundlePem: root.certificatePem }, options);
  }

  /**
   * Signs with the keys of a running cluster's certificate folder.
   * @throws {DevCaError} when the folder was not initialised
   */
  static async fromDevCa(
    folder: string,
    options: Omit<FakeCaOptions, 'trustDomain'> = {},
  ): Promise<FakeCa> {
    const devCa = await DevCa.openExisting(folder, options);
    return new FakeCa(await devCa.workloadAuthority(), options);
  }

  /** The roots. */
  bundle(): TrustBundle {
    return this.#bundle;
  }

  /** What a file or a client's `ca` option holds. */
  get bundlePem(): string {
    return this.#bundle.pem;
  }

  spiffeId(service: string): SpiffeId {
    const [trustDomain, namespace] = [this.trustDomain, this.#namespace];
    return SpiffeId.ofService({ trustDomain, namespace, service });
  }

  /** A valid leaf to break one property of: `await ca.leaf('orders-service').expired().issue()`. */
  leaf(service: string): FakeLeaf {
    const [spiffeId, now] = [this.spiffeId(service), this.#clock()];
    const profile = workloadProfile(spiffeId, validFor(HOUR_MS, now));
    return new FakeLeaf({ spiffeId, profile, issuer: this.#intermediate, now });
  }

  async issueSvid(service: string): Promise<Svid> {
    return Svid.parse(await this.leaf(service).issue());
  }

  async context(service: string): Promise<WorkloadContext> {
    return { svid: await this.issueSvid(service), bundle: this.#bundle };
  }

  async source(service: string): Promise<StaticSvidSource> {
    return new StaticSvidSource(await this.context(service));
  }

  /** Writes an SVID directory with a valid certificate, for a process that reads its SVID_DIR. */
  async writeIdentityFiles(directory: string, service: string): Promise<void> {
    const { certificateChainPem, privateKeyPem } = await this.leaf(service).issue();
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, IDENTITY_FILES.privateKey), privateKeyPem, { mode: 0o600 });
    await writeFile(join(directory, IDENTITY_FILES.certificateChain), certificateChainPem);
    await writeFile(join(directory, IDENTITY_FILES.bundle), this.bundlePem);
  }
}
