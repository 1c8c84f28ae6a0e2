import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CertificateFolder } from './certificate-folder';
import { DevCaError } from './dev-ca.error';
import type { FileOwner } from './file-owner';
import type { IssuedCertificate } from './issue-certificate';
import {
  isServerCertificateDue,
  issueServerCertificate,
  type ServerCertificate,
} from './server-certificate';
import { isServerName } from './server-names';

/** A database or shared state that the services reach over TLS. */
export interface Store {
  /** Of its directory. */
  readonly name: string;
  /** DNS names and IP addresses; its own name when left out. */
  readonly hosts?: readonly string[];
}

/** What signs for stores, and the time. */
export interface StoreIssuer {
  readonly storeRoot: IssuedCertificate;
  readonly owner: FileOwner | undefined;
  readonly now: Date;
}

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const LIFETIME_DAYS = 30;
const RENEWED_DAYS_BEFORE_END = 10;

/** The part of a certificate folder that is about stores: `stores/`. */
export class StoreFolder {
  readonly #path: string;

  /** @param folder the certificate folder that contains `stores/` */
  constructor(private readonly folder: string) {
    this.#path = join(folder, 'stores');
  }

  /** Writes the root for clients of the stores to trust. */
  async publish(root: IssuedCertificate, before: IssuedCertificate | undefined): Promise<void> {
    await mkdir(this.#path, { recursive: true });
    const folder = new CertificateFolder(this.#path);
    await folder.publish('ca.pem', root.certificatePem, before?.certificatePem ?? '');
  }

  /**
   * Sees to it that a store has a sound certificate that is not near its end.
   * @returns whether it got a new one
   * @throws {DevCaError} for a name or a host that is none
   */
  async renewDue(store: Store, { storeRoot, owner, now }: StoreIssuer): Promise<boolean> {
    const { name, hosts = [name] } = store;
    if (!NAME.test(name)) throw this.#refused(`${name} is no name of a store`);
    const odd = hosts.length === 0 ? '' : hosts.find((host) => !isServerName(host));
    if (odd !== undefined) throw this.#refused(`${odd || 'nothing'} is no host of a store`);
    const certificate: ServerCertificate = {
      directory: join(this.#path, name),
      root: storeRoot,
      names: hosts,
      lifetimeDays: LIFETIME_DAYS,
      renewedDaysBeforeEnd: RENEWED_DAYS_BEFORE_END,
      owner,
    };
    if (!(await isServerCertificateDue(certificate, now))) return false;
    await issueServerCertificate(certificate, now);
    return true;
  }

  #refused(problem: string): DevCaError {
    return new DevCaError(this.folder, problem, { remedy: 'name another one' });
  }
}
