import type { TrustDomain } from '@sallyport/workload-identity';
import {
  bundlePemOf,
  createAuthorities,
  namePublic,
  renewAuthorities,
  type Authorities,
  type RenewedAuthorities,
} from './authorities';
import { AuthorityFolder } from './authority-folder';
import type { CertificateFolder } from './certificate-folder';
import { PartnerFolder } from './partner-folder';
import { StoreFolder } from './store-folder';

export interface AuthorityStateOptions {
  readonly trustDomain: TrustDomain;
  readonly publicNames: readonly string[] | undefined;
  readonly clock: () => Date;
}

/** The authorities of a folder as they are stored and published. Read anew for every operation. */
export class AuthorityState {
  readonly #stored: AuthorityFolder;
  readonly #partners: PartnerFolder;
  readonly #stores: StoreFolder;

  constructor(
    private readonly folder: CertificateFolder,
    private readonly options: AuthorityStateOptions,
  ) {
    this.#stored = new AuthorityFolder(folder.path, options.trustDomain);
    this.#partners = new PartnerFolder(folder.path);
    this.#stores = new StoreFolder(folder.path);
  }

  /** Creates them in a folder that is empty or not there yet. */
  async createIfNew(): Promise<void> {
    const { trustDomain, publicNames, clock } = this.options;
    if (!(await this.folder.isNew())) return;
    await this.#stored.create(await createAuthorities(trustDomain, clock(), publicNames));
  }

  /** @throws {DevCaError} */
  load(): Promise<Authorities> {
    return this.#stored.load();
  }

  /** Replaces what is due before it gives them. */
  async renewed(): Promise<RenewedAuthorities> {
    const { publicNames, clock } = this.options;
    const [authorities, now] = [await this.load(), clock()];
    const named = await namePublic(authorities, publicNames ?? authorities.publicNames, now);
    return this.#replace(authorities, await renewAuthorities(named, now));
  }

  async change(
    to: (authorities: Authorities, now: Date) => Authorities | Promise<Authorities>,
  ): Promise<void> {
    const authorities = await this.load();
    await this.#replace(authorities, await to(authorities, this.options.clock()));
  }

  /** Publishes before it stores: a root is in the bundle before it signs. */
  async #replace<A extends Authorities>(stored: Authorities, authorities: A): Promise<A> {
    const { folder } = this;
    const everKnown = bundlePemOf(stored, new Date(0));
    await folder.publish('bundle.pem', bundlePemOf(authorities, this.options.clock()), everKnown);
    await this.#stored.replace(stored, authorities);
    const { webRoot, storeRoot, partnerRoot } = authorities;
    await folder.publish('ca.pem', webRoot.certificatePem, stored.webRoot.certificatePem);
    if (storeRoot) await this.#stores.publish(storeRoot, stored.storeRoot);
    if (partnerRoot) await this.#partners.publish(partnerRoot, stored.partnerRoot);
    return authorities;
  }
}
