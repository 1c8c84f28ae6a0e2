import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '@sallyport/tokens';
import { CLOCK } from '../app.tokens';
import {
  KEY_REVOCATION_MEMORY_SECONDS,
  laterBy,
  recordRevocation,
} from '../revocations/record-revocation';
import { RevocationsService } from '../revocations/revocations.service';
import { SessionEndsRepository } from '../sessions/session-ends.repository';
import type { SigningKeyRecord } from '../signing-keys/signing-key-record';
import { SigningKeysService } from '../signing-keys/signing-keys.service';

/** What tainting a key came to. */
export interface Tainting {
  readonly tainted: SigningKeyRecord;
  /** The key that signs now. */
  readonly active: SigningKeyRecord;
  readonly endedSessions: number;
}

/** So many sessions end with one statement: it is done in time, and nobody waits long for their rows. */
const ENDED_AT_ONCE = 1_000;

/**
 * Withdraws a signing key that has leaked: with it everything it signed, and every session that was given something it
 * signed, because nobody can tell which of its tokens are genuine. Recorded with or without the feed.
 *
 * The key goes first, in a transaction of its own, however many sessions there are; a session that is refreshed before
 * its turn has come stays one that the key has signed for. An order that was interrupted is repeated: what is left ends.
 */
@Injectable()
export class KeyTaintingService {
  constructor(
    private readonly keys: SigningKeysService,
    private readonly ends: SessionEndsRepository,
    private readonly revocations: RevocationsService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws ServiceError NOT_FOUND `signing_key_not_found` */
  async taint(kid: string): Promise<Tainting> {
    const reason = 'signing_key_tainted';
    const { tainted, active, result } = await this.keys.taint(kid, (transaction) => {
      const recordedAt = this.clock();
      const expiresAt = laterBy(recordedAt, KEY_REVOCATION_MEMORY_SECONDS);
      const key = { kind: 'signing_key', revokedId: kid, reason, recordedAt, expiresAt } as const;
      return recordRevocation(transaction, key);
    });
    await this.revocations.deliver([result]);
    return { tainted, active, endedSessions: await this.endSessions(kid) };
  }

  private async endSessions(kid: string): Promise<number> {
    const reason = 'signing_key_tainted';
    for (let count = 0; ;) {
      const ending = { reason, now: this.clock() } as const;
      const { sessions, revocations } = await this.ends.someSignedBy(kid, ENDED_AT_ONCE, ending);
      await this.revocations.deliver(revocations);
      count += sessions.length;
      if (sessions.length < ENDED_AT_ONCE) return count;
    }
  }
}
