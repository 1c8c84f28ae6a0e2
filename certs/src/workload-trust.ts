import {
  activateRoot,
  deny,
  prepareRoot,
  retireRoot,
  rotateIntermediate,
  type Authorities,
} from './authorities';
import type { AuthorityState } from './authority-state';
import type { CertificateFolder } from './certificate-folder';
import { DevCaError } from './dev-ca.error';
import type { WorkloadFolder } from './workload-folder';

interface WorkloadTrustParts {
  readonly folder: CertificateFolder;
  readonly state: AuthorityState;
  readonly workloads: WorkloadFolder;
  readonly clock: () => Date;
}

/**
 * What workloads are trusted by, changed on command. Each step changes the authorities alone; the workloads' directories
 * follow with the next {@link DevCa.renewDue}.
 */
export class WorkloadTrust {
  constructor(private readonly parts: WorkloadTrustParts) {}

  /** Publishes the next root in the bundle, so that workloads know it before it signs. */
  prepareRoot(): Promise<void> {
    return this.#change((authorities, now) => prepareRoot(authorities, now));
  }

  /**
   * Lets the prepared root sign; the one before stays in the bundle.
   * @throws {DevCaError} when none is prepared, or a workload does not know it yet
   */
  activateRoot(): Promise<void> {
    return this.#change(async (authorities, now) => {
      await this.#requireFollowed(authorities);
      const activated = await activateRoot(authorities, now);
      return activated ?? this.#refuse('no root is prepared', 'prepare one first');
    });
  }

  /**
   * Takes the root before the present one out of the bundle. Whatever was issued under it is refused from then on.
   * @throws {DevCaError} when there is none, or a workload still has a certificate of it
   */
  retireRoot(): Promise<void> {
    return this.#change(async (authorities) => {
      await this.#requireFollowed(authorities);
      const retired = retireRoot(authorities);
      return retired ?? this.#refuse('no root is retiring', 'activate another one first');
    });
  }

  /** Replaces the intermediate ahead of time. What the one before has signed stays valid until it expires. */
  rotateIntermediate(): Promise<void> {
    return this.#change(rotateIntermediate);
  }

  /** Stops a service from getting certificates. Those it has stay valid until they expire or their root is retired. */
  deny(service: string): Promise<void> {
    this.parts.workloads.directoryOf(service);
    return this.#change((authorities) => deny(authorities, service, true));
  }

  allow(service: string): Promise<void> {
    return this.#change((authorities) => deny(authorities, service, false));
  }

  /** Everything that signs, as it is stored. */
  authorities(): Promise<Authorities> {
    return this.parts.folder.run(() => this.parts.state.load());
  }

  /** The services whose directories do not follow the authorities yet; those that are denied need not. */
  behind(): Promise<readonly string[]> {
    return this.parts.folder.run(async () => this.#behind(await this.parts.state.load()));
  }

  #behind(authorities: Authorities): Promise<readonly string[]> {
    return this.parts.workloads.behind(authorities, this.parts.clock());
  }

  /** A step on top of one that has not arrived would leave workloads that cannot verify each other. */
  async #requireFollowed(authorities: Authorities): Promise<void> {
    const behind = await this.#behind(authorities);
    if (behind.length === 0) return;
    this.#refuse(`the last step has not reached ${behind.join(', ')}`, 'let keep or init renew it');
  }

  #refuse(problem: string, remedy: string): never {
    throw new DevCaError(this.parts.folder.path, problem, { remedy });
  }

  #change(
    to: (authorities: Authorities, now: Date) => Authorities | Promise<Authorities>,
  ): Promise<void> {
    return this.parts.folder.run(() => this.parts.state.change(to));
  }
}
