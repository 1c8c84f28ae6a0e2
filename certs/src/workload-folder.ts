import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SpiffeId, type Svid, type TrustDomain } from '@sallyport/workload-identity';
import type { Authorities } from './authorities';
import { DevCaError } from './dev-ca.error';
import type { FileOwner } from './file-owner';
import {
  issueWorkload,
  isWorkloadBehind,
  isWorkloadDue,
  type WorkloadDirectory,
} from './workload-certificate';

export interface WorkloadFolderOptions {
  readonly trustDomain: TrustDomain;
  readonly namespace: string;
  readonly lifetimeMs: number;
  readonly owners: ReadonlyMap<string, FileOwner>;
}

/** The part of a certificate folder that is about workloads: `workloads/`. */
export class WorkloadFolder {
  readonly #path: string;

  /** @param folder the certificate folder that contains `workloads/` */
  constructor(
    private readonly folder: string,
    private readonly options: WorkloadFolderOptions,
  ) {
    this.#path = join(folder, 'workloads');
  }

  /** @throws {SpiffeIdInvalid} for a name that cannot be part of an id */
  directoryOf(service: string): WorkloadDirectory {
    const { trustDomain, namespace, owners } = this.options;
    // A path segment of a SPIFFE ID is a file name without traversal, too.
    const spiffeId = SpiffeId.ofService({ trustDomain, namespace, service });
    const owner = owners.get(`workloads/${service}`);
    return { directory: join(this.#path, service), spiffeId, owner };
  }

  /** @throws {DevCaError} for a service that is denied */
  async issue(service: string, authorities: Authorities, now: Date): Promise<Svid> {
    if (authorities.denied.includes(service)) {
      throw new DevCaError(this.folder, `${service} is denied`, { remedy: 'allow it first' });
    }
    const { lifetimeMs } = this.options;
    return issueWorkload(this.directoryOf(service), authorities, { now, lifetimeMs });
  }

  /** @returns whether it got a new certificate; one that is denied gets none */
  async renewDue(
    service: string,
    authorities: Authorities,
    { now, jitter }: { readonly now: Date; readonly jitter: number },
  ): Promise<boolean> {
    const directory = this.directoryOf(service);
    if (authorities.denied.includes(service)) return false;
    if (!(await isWorkloadDue(directory, authorities, { now, jitter }))) return false;
    await this.issue(service, authorities, now);
    return true;
  }

  /** The services that have a directory and, unlike the denied ones, are to follow, but do not have the present bundle and a certificate of the present intermediate yet. */
  async behind(authorities: Authorities, now: Date): Promise<readonly string[]> {
    const entries = await readdir(this.#path, { withFileTypes: true }).catch(() => []);
    const behind: string[] = [];
    for (const { name } of entries.filter((entry) => entry.isDirectory())) {
      if (authorities.denied.includes(name) || name.startsWith('.')) continue;
      if (await isWorkloadBehind(this.directoryOf(name), authorities, now)) behind.push(name);
    }
    return behind;
  }
}
