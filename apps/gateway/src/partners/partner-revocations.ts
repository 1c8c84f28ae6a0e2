import { readFile } from 'node:fs/promises';
import { unwatchFile, watchFile } from 'node:fs';
import { ConfigurationError } from '@sallyport/configuration';
import type { Logger } from '@sallyport/observability';
import type { Clock } from '@sallyport/tokens';
import type { PartnerAuthorities, PartnerAuthority } from './partner-authorities';
import type { PresentedCertificate } from './presented-certificate';
import {
  parseRevocationLists,
  RevocationListUnusable,
  type RevocationList,
} from './revocation-list';

type Lists = ReadonlyMap<PartnerAuthority, RevocationList>;

export interface PartnerRevocationsOptions {
  /** PARTNER_CRL_FILE */
  readonly file: string;
  readonly authorities: PartnerAuthorities;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly intervalMs?: number;
}

const CLOCK_TOLERANCE_MS = 300_000;

/**
 * What the authorities of partners have revoked, by the lists of one file, which is followed by its status. A
 * replacement that cannot be used, or that is older than the list in force, leaves everything as it is and a line in the log.
 */
export class PartnerRevocations {
  readonly #options: PartnerRevocationsOptions;
  #lists: Lists = new Map();
  #reloading: Promise<void> = Promise.resolve();

  private constructor(options: PartnerRevocationsOptions) {
    this.#options = options;
    const { file, intervalMs = 2_000 } = options;
    watchFile(file, { interval: intervalMs, persistent: false }, this.#onChange);
  }

  /** @throws ConfigurationError naming PARTNER_CRL_FILE */
  static async open(options: PartnerRevocationsOptions): Promise<PartnerRevocations> {
    const { file, authorities } = options;
    // Followed before it is read: no change falls between the two.
    const revocations = new PartnerRevocations(options);
    try {
      const pem = await readFile(file, 'utf8');
      revocations.#lists = await parseRevocationLists(pem, authorities);
      return revocations;
    } catch (cause) {
      revocations.close();
      const found = (cause as Partial<Error>).message ?? String(cause);
      throw Object.assign(
        new ConfigurationError(
          'PARTNER_CRL_FILE',
          `expected a revocation list of each authority in PARTNER_CA_FILE, but ${found}`,
        ),
        { cause },
      );
    }
  }

  /** The end of the list that ends first. From then on nothing is known. */
  get goodUntil(): Date {
    const ends = [...this.#lists.values()].map(({ nextUpdate }) => nextUpdate.getTime());
    return new Date(Math.min(...ends));
  }

  /** Whether each authority has a list that has not run out. */
  get isCurrent(): boolean {
    return this.#options.clock() < this.goodUntil;
  }

  /** Whether a certificate, or the authority that signed it, is on a list. In constant time. */
  isRevoked({
    issuer,
    serialNumber,
  }: Pick<PresentedCertificate, 'issuer' | 'serialNumber'>): boolean {
    if (this.#lists.get(issuer)?.serialNumbers.has(serialNumber) === true) return true;
    const { issuer: above, serialNumber: ofIssuer } = issuer;
    return above !== undefined && this.isRevoked({ issuer: above, serialNumber: ofIssuer });
  }

  close(): void {
    unwatchFile(this.#options.file, this.#onChange);
  }

  // One after the other: a list that takes longer to read must not replace a newer one.
  readonly #onChange = (): void => {
    this.#reloading = this.#reloading.then(() => this.#reload());
  };

  async #reload(): Promise<void> {
    const { file, authorities, logger } = this.#options;
    try {
      const lists = await parseRevocationLists(await readFile(file, 'utf8'), authorities);
      for (const list of lists.values()) this.#validateSuccessor(list);
      this.#lists = lists;
      logger.info({ event: 'partner_revocations_replaced', goodUntil: this.goodUntil });
    } catch (error) {
      logger.error({ event: 'partner_revocations', error });
    }
  }

  #validateSuccessor({ issuer, thisUpdate, nextUpdate }: RevocationList): void {
    const now = this.#options.clock().getTime();
    const inForce = this.#lists.get(issuer);
    if (inForce !== undefined && thisUpdate < inForce.thisUpdate) {
      throw new RevocationListUnusable('it holds an older list than the one in force');
    }
    if (nextUpdate.getTime() <= now)
      throw new RevocationListUnusable('it holds a list that has run out');
    // Nothing would count as newer until then.
    if (thisUpdate.getTime() > now + CLOCK_TOLERANCE_MS) {
      throw new RevocationListUnusable('it holds a list of the future');
    }
  }
}
