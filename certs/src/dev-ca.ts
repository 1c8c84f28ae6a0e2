import { join } from 'node:path';
import { TrustDomain, type Svid } from '@sallyport/workload-identity';
import { bundlePemOf, type Authorities } from './authorities';
import { AuthorityState } from './authority-state';
import { CertificateFolder } from './certificate-folder';
import { DevCaError } from './dev-ca.error';
import type { IssuedCertificate } from './issue-certificate';
import type { RevokedSerial } from './issue-revocation-list';
import type { FileOwner } from './file-owner';
import { LeafRotation, type CertificateHolders, type LeafRotationOptions } from './leaf-rotation';
import type { IssuedPartner } from './partner-certificate';
import { PartnerFolder, type PartnerIssuer } from './partner-folder';
import {
  isServerCertificateDue,
  issueServerCertificate,
  type ServerCertificate,
} from './server-certificate';
import { isPublicName } from './server-names';
import { StoreFolder } from './store-folder';
import { WorkloadFolder } from './workload-folder';
import { WorkloadTrust } from './workload-trust';

export interface DevCaOptions {
  readonly trustDomain?: string;
  readonly namespace?: string;
  /** Of workload certificates, from the moment they are issued. */
  readonly leafLifetimeSeconds?: number;
  /** What the gateway's public certificate is for; what it was for before, at first the loopback names, when left out. */
  readonly publicNames?: readonly string[];
  /** Whose the files of a directory are, by its path in the folder, e.g. `workloads/gateway`; else this process's. */
  readonly owners?: ReadonlyMap<string, FileOwner>;
  readonly clock?: () => Date;
  /** Uniform in [0, 1), as `Math.random`. */
  readonly random?: () => number;
}

/** What signs workload certificates at present. */
export interface WorkloadAuthority {
  readonly trustDomain: TrustDomain;
  readonly intermediate: IssuedCertificate;
  /** The workload roots. */
  readonly bundlePem: string;
}

const PUBLIC_LIFETIME = { lifetimeDays: 14, renewedDaysBeforeEnd: 7 };

/** The partner that every local cluster knows. */
export const LOCAL_PARTNER = { name: 'acme', dnsName: 'api.acme.example' } as const;

/**
 * The development certificate authority of one folder. Reads its state from the folder for every
 * operation, so that several processes may use one folder; issues only what passes the checks of
 * those who will read it. Every failure of the folder is a {@link DevCaError}. For development only:
 * its keys lie unencrypted on disk.
 */
export class DevCa {
  /** Root, intermediate and denied services, changed on command. */
  readonly trust: WorkloadTrust;
  readonly #folder: CertificateFolder;
  readonly #trustDomain: TrustDomain;
  readonly #owners: ReadonlyMap<string, FileOwner>;
  readonly #clock: () => Date;
  readonly #random: () => number;
  readonly #state: AuthorityState;
  readonly #workloads: WorkloadFolder;
  readonly #partners: PartnerFolder;
  readonly #stores: StoreFolder;

  private constructor(folder: string, options: DevCaOptions) {
    this.#folder = new CertificateFolder(folder);
    this.#trustDomain = TrustDomain.parse(options.trustDomain ?? 'sallyport.internal');
    this.#owners = options.owners ?? new Map();
    this.#clock = options.clock ?? (() => new Date());
    this.#random = options.random ?? Math.random;
    const [trustDomain, clock, { publicNames }] = [this.#trustDomain, this.#clock, options];
    this.#state = new AuthorityState(this.#folder, { trustDomain, publicNames, clock });
    this.#workloads = new WorkloadFolder(folder, {
      trustDomain,
      namespace: options.namespace ?? 'sallyport',
      lifetimeMs: (options.leafLifetimeSeconds ?? 3600) * 1000,
      owners: this.#owners,
    });
    const [state, workloads] = [this.#state, this.#workloads];
    this.trust = new WorkloadTrust({ folder: this.#folder, state, workloads, clock });
    this.#partners = new PartnerFolder(folder);
    this.#stores = new StoreFolder(folder);
  }

  /**
   * Loads the folder's authorities, or creates them in a folder that is empty or not there yet.
   * @throws {DevCaError} when the folder is broken or holds something else, or for a public name that is none
   */
  static async open(folder: string, options: DevCaOptions = {}): Promise<DevCa> {
    const ca = new DevCa(folder, options);
    const odd = options.publicNames?.find((name) => !isPublicName(name));
    if (odd !== undefined || options.publicNames?.length === 0) {
      const problem = `${odd ?? 'nothing'} is no public name`;
      throw new DevCaError(folder, problem, { remedy: 'name a host or an IPv4 address' });
    }
    await ca.#folder.run(async () => {
      await ca.#state.createIfNew();
      await ca.#state.renewed();
    });
    return ca;
  }

  /** As {@link DevCa.open}, for a folder that must have been initialised before. */
  static async openExisting(folder: string, options: DevCaOptions = {}): Promise<DevCa> {
    const ca = new DevCa(folder, options);
    await ca.#folder.run(() => ca.#state.load());
    return ca;
  }

  get folder(): string {
    return this.#folder.path;
  }

  /** The directory that a workload is given as its SVID_DIR. */
  workloadDirectory(service: string): string {
    return this.#workloads.directoryOf(service).directory;
  }

  /**
   * Issues and writes a new certificate and key for a service.
   * @throws {DevCaError} for a service that is denied
   */
  issueWorkload(service: string): Promise<Svid> {
    this.#workloads.directoryOf(service);
    return this.#folder.run(async () =>
      this.#workloads.issue(service, await this.#state.renewed(), this.#clock()),
    );
  }

  /** Issues and writes the gateway's public certificate and key. */
  issuePublic(): Promise<void> {
    return this.#folder.run(async () => {
      await issueServerCertificate(this.#public(await this.#state.renewed()), this.#clock());
    });
  }

  /**
   * Issues and writes a new certificate and key for a partner.
   * @param name of its directory, in `partner/`
   * @throws {DevCaError} for a name or a DNS name that is none
   */
  issuePartner(name: string, dnsName: string): Promise<IssuedPartner> {
    return this.#folder.run(async () =>
      this.#partners.issue({ name, dnsName }, await this.#partnerIssuer()),
    );
  }

  /**
   * Writes the revocation list of partner certificates anew, with these serial numbers beside those in it.
   * @param serialNumbers hexadecimal
   * @returns all that are in it
   * @throws {DevCaError} for a serial number that is none
   */
  revokePartners(serialNumbers: readonly string[]): Promise<readonly RevokedSerial[]> {
    return this.#folder.run(async () =>
      this.#partners.revoke(serialNumbers, await this.#partnerIssuer()),
    );
  }

  /**
   * Sees to it that the public address, every service, every store and the local partner have a sound certificate that
   * is not near its end, or past half its life.
   * @returns the services and stores that got a new one
   */
  ensureAll(holders: CertificateHolders): Promise<readonly string[]> {
    return this.renewDue(holders, () => 1);
  }

  /**
   * As {@link ensureAll}, with each service's half life multiplied by a jitter around 1.
   * @returns the services and stores that got a new certificate
   */
  renewDue(
    { services, stores = [] }: CertificateHolders,
    jitterOf: (service: string) => number,
  ): Promise<readonly string[]> {
    return this.#folder.run(async () => {
      const authorities = await this.#state.renewed();
      const now = this.#clock();
      const publicOne = this.#public(authorities);
      if (await isServerCertificateDue(publicOne, now)) {
        await issueServerCertificate(publicOne, now);
      }
      await this.#partners.renewDue(LOCAL_PARTNER, { partnerRoot: authorities.partnerRoot, now });
      const renewed: string[] = [];
      for (const service of services) {
        const at = { now, jitter: jitterOf(service) };
        if (await this.#workloads.renewDue(service, authorities, at)) renewed.push(service);
      }
      for (const store of stores) {
        const { storeRoot } = authorities;
        const owner = this.#owners.get(`stores/${store.name}`);
        if (await this.#stores.renewDue(store, { storeRoot, owner, now })) renewed.push(store.name);
      }
      return renewed;
    });
  }

  /**
   * Keeps certificates renewed at half life, each with a jitter of ±10 %, and has them follow a change of the authorities
   * at once, until stopped. Does not keep the process alive.
   */
  startRotation(options: Omit<LeafRotationOptions, 'random' | 'watched'>): LeafRotation {
    const watched = join(this.folder, 'ca');
    const rotation = new LeafRotation(this, { ...options, watched, random: this.#random });
    rotation.start();
    return rotation;
  }

  /** Hands out the key that signs partner certificates, for tests that mint odd ones with a running cluster's CA. */
  async partnerAuthority(): Promise<IssuedCertificate> {
    return this.#folder.run(async () => (await this.#partnerIssuer()).partnerRoot);
  }

  /** Hands out the signing key, for tests that mint odd certificates with a running cluster's CA. */
  workloadAuthority(): Promise<WorkloadAuthority> {
    return this.#folder.run(async () => {
      const authorities = await this.#state.load();
      return {
        trustDomain: this.#trustDomain,
        intermediate: authorities.intermediate,
        bundlePem: bundlePemOf(authorities, this.#clock()),
      };
    });
  }

  #public({ webRoot, publicNames }: Authorities): ServerCertificate {
    return {
      ...PUBLIC_LIFETIME,
      directory: join(this.folder, 'public'),
      root: webRoot,
      names: publicNames,
      owner: this.#owners.get('public'),
    };
  }

  async #partnerIssuer(): Promise<PartnerIssuer> {
    const { partnerRoot } = await this.#state.renewed();
    return { partnerRoot, now: this.#clock() };
  }
}
