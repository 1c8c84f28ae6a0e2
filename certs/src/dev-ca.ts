import { join } from 'node:path';
import { SpiffeId, TrustDomain, type Svid } from '@sallyport/workload-identity';
import {
  activateRoot,
  bundlePemOf,
  createAuthorities,
  namePublic,
  prepareRoot,
  renewAuthorities,
  type Authorities,
  type RenewedAuthorities,
} from './authorities';
import { AuthorityFolder } from './authority-folder';
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
import { issueWorkload, isWorkloadDue, type WorkloadDirectory } from './workload-certificate';

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
  readonly #folder: CertificateFolder;
  readonly #trustDomain: TrustDomain;
  readonly #namespace: string;
  readonly #lifetimeMs: number;
  readonly #publicNames: readonly string[] | undefined;
  readonly #owners: ReadonlyMap<string, FileOwner>;
  readonly #clock: () => Date;
  readonly #random: () => number;
  readonly #stored: AuthorityFolder;
  readonly #partners: PartnerFolder;
  readonly #stores: StoreFolder;

  private constructor(folder: string, options: DevCaOptions) {
    this.#folder = new CertificateFolder(folder);
    this.#trustDomain = TrustDomain.parse(options.trustDomain ?? 'sallyport.internal');
    this.#namespace = options.namespace ?? 'sallyport';
    this.#lifetimeMs = (options.leafLifetimeSeconds ?? 3600) * 1000;
    this.#publicNames = options.publicNames;
    this.#owners = options.owners ?? new Map();
    this.#clock = options.clock ?? (() => new Date());
    this.#random = options.random ?? Math.random;
    this.#stored = new AuthorityFolder(folder, this.#trustDomain);
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
      if (await ca.#folder.isNew()) {
        const [now, publicNames] = [ca.#clock(), ca.#publicNames];
        await ca.#stored.create(await createAuthorities(ca.#trustDomain, now, publicNames));
      }
      await ca.#renewAuthorities();
    });
    return ca;
  }

  /** As {@link DevCa.open}, for a folder that must have been initialised before. */
  static async openExisting(folder: string, options: DevCaOptions = {}): Promise<DevCa> {
    const ca = new DevCa(folder, options);
    await ca.#folder.run(() => ca.#stored.load());
    return ca;
  }

  get folder(): string {
    return this.#folder.path;
  }

  /** The directory that a workload is given as its SVID_DIR. */
  workloadDirectory(service: string): string {
    return this.#workload(service).directory;
  }

  /** Issues and writes a new certificate and key for a service. */
  issueWorkload(service: string): Promise<Svid> {
    const workload = this.#workload(service);
    return this.#folder.run(async () => this.#issue(workload, await this.#renewAuthorities()));
  }

  /** Issues and writes the gateway's public certificate and key. */
  issuePublic(): Promise<void> {
    return this.#folder.run(async () => {
      await issueServerCertificate(this.#public(await this.#renewAuthorities()), this.#clock());
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
      const authorities = await this.#renewAuthorities();
      const now = this.#clock();
      const publicOne = this.#public(authorities);
      if (await isServerCertificateDue(publicOne, now)) {
        await issueServerCertificate(publicOne, now);
      }
      await this.#partners.renewDue(LOCAL_PARTNER, { partnerRoot: authorities.partnerRoot, now });
      const renewed: string[] = [];
      for (const service of services) {
        const workload = this.#workload(service);
        if (await isWorkloadDue(workload, authorities, { now, jitter: jitterOf(service) })) {
          await this.#issue(workload, authorities);
          renewed.push(service);
        }
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
   * Keeps certificates renewed at half life, each with a jitter of ±10 %, until stopped. Does not
   * keep the process alive.
   */
  startRotation(options: Omit<LeafRotationOptions, 'random'>): LeafRotation {
    const rotation = new LeafRotation(this, { ...options, random: this.#random });
    rotation.start();
    return rotation;
  }

  /** Publishes the next workload root in the bundle, so that workloads know it before it signs. */
  prepareRoot(): Promise<void> {
    return this.#folder.run(async () => {
      const authorities = await this.#stored.load();
      await this.#replace(authorities, await prepareRoot(authorities, this.#clock()));
    });
  }

  /**
   * Lets the prepared root sign; the one before stays in the bundle.
   * @throws {DevCaError} when none is prepared
   */
  activateRoot(): Promise<void> {
    return this.#folder.run(async () => {
      const authorities = await this.#stored.load();
      const activated = await activateRoot(authorities, this.#clock());
      if (!activated) {
        throw new DevCaError(this.folder, 'no root is prepared', { remedy: 'prepare one first' });
      }
      await this.#replace(authorities, activated);
    });
  }

  /** Hands out the key that signs partner certificates, for tests that mint odd ones with a running cluster's CA. */
  async partnerAuthority(): Promise<IssuedCertificate> {
    return this.#folder.run(async () => (await this.#partnerIssuer()).partnerRoot);
  }

  /** Hands out the signing key, for tests that mint odd certificates with a running cluster's CA. */
  workloadAuthority(): Promise<WorkloadAuthority> {
    return this.#folder.run(async () => {
      const authorities = await this.#stored.load();
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

  #workload(service: string): WorkloadDirectory {
    const [trustDomain, namespace] = [this.#trustDomain, this.#namespace];
    // A path segment of a SPIFFE ID is a file name without traversal, too.
    const spiffeId = SpiffeId.ofService({ trustDomain, namespace, service });
    const owner = this.#owners.get(`workloads/${service}`);
    return { directory: join(this.folder, 'workloads', service), spiffeId, owner };
  }

  #issue(workload: WorkloadDirectory, authorities: Authorities): Promise<Svid> {
    const [now, lifetimeMs] = [this.#clock(), this.#lifetimeMs];
    return issueWorkload(workload, authorities, { now, lifetimeMs });
  }

  async #partnerIssuer(): Promise<PartnerIssuer> {
    const { partnerRoot } = await this.#renewAuthorities();
    return { partnerRoot, now: this.#clock() };
  }

  async #renewAuthorities(): Promise<RenewedAuthorities> {
    const authorities = await this.#stored.load();
    const now = this.#clock();
    const names = this.#publicNames ?? authorities.publicNames;
    const named = await namePublic(authorities, names, now);
    return this.#replace(authorities, await renewAuthorities(named, now));
  }

  /** Publishes before it stores: a root is in the bundle before it signs. */
  async #replace<A extends Authorities>(stored: Authorities, authorities: A): Promise<A> {
    const everKnown = bundlePemOf(stored, new Date(0));
    await this.#folder.publish('bundle.pem', bundlePemOf(authorities, this.#clock()), everKnown);
    await this.#stored.replace(stored, authorities);
    const { certificatePem } = authorities.webRoot;
    await this.#folder.publish('ca.pem', certificatePem, stored.webRoot.certificatePem);
    const { storeRoot, partnerRoot } = authorities;
    if (storeRoot) {
      const before = stored.storeRoot?.certificatePem ?? '';
      await this.#stores.publish(storeRoot.certificatePem, before);
    }
    if (partnerRoot) await this.#partners.publish(partnerRoot, stored.partnerRoot);
    return authorities;
  }
}
