import { Inject, Injectable } from '@nestjs/common';
import { eachBatch } from '@sallyport/nest-zero-trust';
import type { RepeatedJob } from '@sallyport/nest-zero-trust';
import type { Logger } from '@sallyport/observability';
import type { Clock } from '@sallyport/tokens';
import { CLOCK, LOGGER, TOKEN_PROFILE } from '../app.tokens';
import type { AccessTokenProfile } from '../tokens/own-access-tokens';
import { MailOutbox } from './mail-outbox';
import type { DueMail } from './mail-outbox';
import { MAIL_SENDER, MailNotSent } from './mail-sender';
import type { MailSender } from './mail-sender';
import { writeMail } from './mail-text';

const INTERVAL_MS = 1_000;

/**
 * Sends what the outbox holds. No request waits for it: with the mail server gone mail waits, and is tried again after
 * growing pauses until it is of no use any more. A mail may arrive twice when a replica ends between sending and
 * removing it; it is not lost.
 */
@Injectable()
export class MailDelivery implements RepeatedJob {
  readonly name = 'mail_delivery';

  constructor(
    private readonly outbox: MailOutbox,
    @Inject(MAIL_SENDER) private readonly sender: MailSender,
    @Inject(TOKEN_PROFILE) private readonly profile: AccessTokenProfile,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  pauseMs(): number {
    return INTERVAL_MS;
  }

  /** Sends mail after mail until nothing is due, or the sender is not there. */
  async run(stopping?: AbortSignal): Promise<void> {
    for (const { id, kind, attempts } of await this.outbox.removeExpired(this.clock())) {
      this.logger.error({ event: 'mail_given_up', mail: id, kind, attempts });
    }
    await eachBatch(stopping, () => this.sendNext());
  }

  /** Whether it is worth going on to the next one. */
  private async sendNext(): Promise<boolean> {
    const mail = await this.outbox.claim(this.clock());
    if (mail === undefined) return false;
    try {
      const { id, kind, to, details, createdAt: at } = mail;
      const { issuer } = this.profile;
      const secret = await mail.open();
      await this.sender.send(writeMail({ id, kind, to, at, details, secret, issuer }));
    } catch (error) {
      return this.notSent(mail, error);
    }
    await this.outbox.remove(mail.id);
    this.logger.info({ event: 'mail_sent', mail: mail.id, kind: mail.kind });
    return true;
  }

  /** Whoever is refused for good is not written to again; anything else may be better later. */
  private async notSent({ id, kind, attempts }: DueMail, error: unknown): Promise<boolean> {
    const isFinal = error instanceof MailNotSent && error.isFinal;
    this.logger.warn({ event: 'mail_not_sent', mail: id, kind, attempts, isFinal, error });
    if (isFinal) await this.outbox.remove(id);
    return isFinal;
  }
}
