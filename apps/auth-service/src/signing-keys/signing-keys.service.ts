import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Clock, SigningKey } from '@sallyport/tokens';
import { CLOCK, SECURITY_EVENTS } from '../app.tokens';
import { KEY_ENCRYPTION } from './key-encryption';
import type { KeyEncryption } from './key-encryption';
import { dueTransition, isPublishedLongEnough } from './rotation-schedule';
import { generateSealedSigningKey, openSigningKey, sealAgain } from './sealed-signing-key';
import type { SealedSigningKey } from './sealed-signing-key';
import type { PublicJwk } from './signing-key';
import { SIGNING_KEY_POLICY } from './signing-key-policy';
import type { SigningKeyPolicy } from './signing-key-policy';
import type { SigningKeyRecord } from './signing-key-record';
import type { SigningKeyTransitions } from './signing-key-transitions';
import { SigningKeysRepository } from './signing-keys.repository';
import type { Exclusive } from './signing-keys.repository';
import { taintKey } from './tainting';
import type { AlsoWhenTainted, Tainted } from './tainting';

/**
 * Decides which key signs and which are published: prepare (published, not signing) → activate → retire (verifies until
 * the last token has expired) → gone; taint withdraws a key that has leaked.
 *
 * The database is asked for each token which key is active, so that every replica follows a change
 * at once; only opening the sealed key is saved from one token to the next.
 */
@Injectable()
export class SigningKeysService {
  #opened: SigningKey | undefined;

  constructor(
    private readonly keys: SigningKeysRepository,
    @Inject(KEY_ENCRYPTION) private readonly encryption: KeyEncryption,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SIGNING_KEY_POLICY) private readonly policy: SigningKeyPolicy,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /**
   * Sees to it that there is an active key, and that this process can open it.
   *
   * @throws SealBroken when it is sealed under a key-encryption key that this process does not have.
   */
  async ensureActive(): Promise<SigningKey> {
    if (!(await this.keys.active())) {
      // Before the lock is taken: generating takes too long to let other replicas wait for it.
      const first = await generateSealedSigningKey(this.encryption);
      await this.keys.exclusively(async (keys) => {
        if (!(await keys.findInState('active'))) await keys.insertActive(first, this.clock());
      });
    }
    return this.active();
  }

  /** The key that signs now. */
  async active(): Promise<SigningKey> {
    const stored = await this.keys.active();
    if (!stored) throw new Error('there is no active signing key');
    if (this.#opened?.kid === stored.kid) return this.#opened;

    const opened = await openSigningKey(stored, this.encryption);
    this.#opened = opened;
    return opened;
  }

  /** The keys verifiers may meet in a token that has not expired, or will meet next. */
  published(): Promise<readonly PublicJwk[]> {
    return this.keys.published(this.clock());
  }

  /** Every key that is remembered, the newest first. */
  list(): Promise<readonly SigningKeyRecord[]> {
    return this.keys.list();
  }

  /**
   * Makes a key and publishes it; it does not sign yet.
   *
   * @throws ServiceError FAILED_PRECONDITION `signing_key_already_prepared`
   */
  async prepare(): Promise<SigningKeyRecord> {
    const key = await generateSealedSigningKey(this.encryption);
    return this.exclusively(async (keys) => {
      if (await keys.findInState('prepared')) throw refused('signing_key_already_prepared');
      return keys.insertPrepared(key, this.clock());
    });
  }

  /**
   * Lets the prepared key sign, and retires the one that did.
   *
   * @param options.immediately even though there may be verifiers that do not know the key yet.
   * @throws ServiceError FAILED_PRECONDITION `no_signing_key_prepared`, `signing_key_published_too_recently`
   * @throws SealBroken when this process cannot open the prepared key: the other one goes on.
   */
  activate({ immediately }: { readonly immediately: boolean }): Promise<SigningKeyRecord> {
    return this.exclusively(async (keys) => {
      const prepared = await keys.findInState('prepared');
      if (!prepared) throw refused('no_signing_key_prepared');
      if (!immediately && !isPublishedLongEnough(prepared, this.clock(), this.policy)) {
        throw refused('signing_key_published_too_recently', this.mayActivateFrom(prepared));
      }
      return this.replaceActive(keys);
    });
  }

  /**
   * Withdraws a prepared key that is not to be used; a key that is retired already stays as it is.
   *
   * @throws ServiceError NOT_FOUND `signing_key_not_found`; FAILED_PRECONDITION `signing_key_active`,
   * `signing_key_tainted`
   */
  retire(kid: string): Promise<SigningKeyRecord> {
    return this.exclusively(async (keys) => {
      const key = await keys.lock(kid);
      if (!key) throw new ServiceError('NOT_FOUND', 'signing_key_not_found');
      switch (key.state) {
        case 'prepared': {
          const now = this.clock();
          return keys.retire(kid, { now, verifiesUntil: now });
        }
        case 'retired':
          return key;
        case 'active':
          throw refused('signing_key_active');
        case 'tainted':
          throw refused('signing_key_tainted');
      }
    });
  }

  /**
   * Withdraws a leaked key, and does `also` in the same transaction, in which no token is issued under the key. When it
   * was the active one another takes its place: the prepared one, however short a time it has been published, or a new
   * one. Tainting a key again does `also` again.
   *
   * @throws ServiceError NOT_FOUND `signing_key_not_found`
   */
  async taint<Result>(kid: string, also: AlsoWhenTainted<Result>): Promise<Tainted<Result>> {
    let spare: SealedSigningKey | undefined;
    for (;;) {
      const outcome = await this.exclusively((keys, transaction) =>
        taintKey(keys, { kid, now: this.clock(), spare }, () => also(transaction, kid)),
      );
      if (outcome) return outcome;
      // Outside of the transaction: under its locks no replica issues a token.
      spare = await generateSealedSigningKey(this.encryption);
    }
  }

  /**
   * Does what the schedule asks for now. Replicas may all do this, and whenever they like: what one has done is not due
   * for the others.
   */
  async rotate(): Promise<void> {
    await this.keys.removeExpired(this.clock());
    if (await this.isDue('prepare', this.keys)) {
      const key = await generateSealedSigningKey(this.encryption);
      await this.exclusively(async (keys) => {
        if (await this.isDue('prepare', keys)) await keys.insertPrepared(key, this.clock());
      });
    }
    if (await this.isDue('activate', this.keys)) {
      await this.exclusively(async (keys) => {
        if (await this.isDue('activate', keys)) await this.replaceActive(keys);
      });
    }
  }

  /**
   * Seals every private key under the current key-encryption key that is not; says how many it was. Signing goes on.
   *
   * @throws SealBroken when one cannot be opened.
   */
  async reseal(): Promise<number> {
    const currentKeyId = await this.encryption.currentKeyId();
    let resealed = 0;
    for (const key of await this.keys.listSealedUnderOtherThan(currentKeyId)) {
      const sealed = await sealAgain(key, this.encryption);
      if (await this.keys.replaceSeal(key, sealed)) resealed += 1;
    }
    return resealed;
  }

  /** For the log and the operator who asked. */
  private mayActivateFrom({ createdAt }: SigningKeyRecord): string {
    const { publishAheadSeconds } = this.policy;
    const from = new Date(createdAt.getTime() + publishAheadSeconds * 1000);
    return `it may sign from ${from.toISOString()}`;
  }

  private async isDue(
    transition: 'prepare' | 'activate',
    keys: Pick<SigningKeyTransitions, 'list'>,
  ): Promise<boolean> {
    return dueTransition(await keys.list(), this.clock(), this.policy) === transition;
  }

  /** Lets the prepared key sign instead of the active one, once it is certain that it can. */
  private async replaceActive(keys: SigningKeyTransitions): Promise<SigningKeyRecord> {
    const successor = await keys.findSealed('prepared');
    if (!successor) throw refused('no_signing_key_prepared');
    await openSigningKey(successor, this.encryption);
    const now = this.clock();
    const verifiesUntil = new Date(
      now.getTime() + this.policy.verifiesAfterRetirementSeconds * 1000,
    );
    const active = await keys.findInState('active');
    if (active) await keys.retire(active.kid, { now, verifiesUntil });
    return keys.activate(successor.kid, now);
  }

  /** Decides while no other replica does, and leaves a trace of what became of keys. */
  private async exclusively<Result>(work: Exclusive<Result>): Promise<Result> {
    const { result, transitions } = await this.keys.exclusively(work);
    for (const { reason, kid } of transitions) {
      this.events.record({ type: 'signing_key', outcome: 'succeeded', reason, target: kid });
    }
    return result;
  }
}

function refused(reason: string, detail?: string): ServiceError {
  return new ServiceError('FAILED_PRECONDITION', reason, detail);
}
