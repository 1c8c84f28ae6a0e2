import type { ServiceError } from '@sallyport/nest-zero-trust';
import { createLogger } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import { CLIENT_ADDRESS, PROFILE } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { mfaOf, newOwner } from '../mfa/mfa.fixture';
import type { MfaReplica, Owner } from '../mfa/mfa.fixture';
import type { SmsThrottle, WantedMessage } from '../throttling/sms-throttle';
import { PhoneEnrolmentService } from './phone-enrolment.service';
import { PhoneResealing } from './phone-resealing';
import { SmsMessages } from './sms-messages.service';
import type { OutgoingSms, SmsOffer, SmsSender } from './sms-sender';
import { SmsSignInService } from './sms-sign-in.service';

/** Of those that are given to nobody (555-0100 to 555-0199). */
export const NUMBER = '+12025550123';
export const OTHER_NUMBER = '+1 (202) 555-0142';

/** Keeps what it is to send, or refuses it. */
export class KeptMessages implements SmsSender {
  readonly sent: OutgoingSms[] = [];
  refusal: Error | undefined;

  async send(message: OutgoingSms): Promise<void> {
    if (this.refusal) throw this.refusal;
    this.sent.push(message);
  }

  /** The code of the last message. */
  get lastCode(): string {
    return /^\d{6}/.exec(this.sent.at(-1)?.text ?? '')?.[0] ?? 'none';
  }
}

/** Lets everything through until it is told otherwise, and keeps what it was asked. */
export class ScriptedSmsThrottle implements SmsThrottle {
  readonly admitted: WantedMessage[] = [];
  refusal: ServiceError | undefined;

  async admit(message: WantedMessage): Promise<void> {
    if (this.refusal) throw this.refusal;
    this.admitted.push(message);
  }
}

/** A replica that sends text messages. */
export interface SmsReplica extends MfaReplica {
  readonly sender: KeptMessages;
  readonly smsThrottle: ScriptedSmsThrottle;
  readonly log: string[];
  readonly phoneEnrolment: PhoneEnrolmentService;
  readonly smsSignIn: SmsSignInService;
  readonly phoneResealing: PhoneResealing;
}

/** The same, on a real database. */
export async function smsOf(
  database: Database<AuthTables>,
  {
    isOffered = true,
    ...options
  }: { readonly isOffered?: boolean; readonly requiredForScopes?: readonly string[] } = {},
): Promise<SmsReplica> {
  const sender = new KeptMessages();
  const smsOffer: SmsOffer | undefined = isOffered
    ? { sender, countries: new Set(['US']) }
    : undefined;
  const replica = await mfaOf(database, { ...options, ...(smsOffer && { smsOffer }) });
  const { service, phones, messages, smsCodes, encryption, events } = replica;
  const { now } = replica.clock;
  const smsThrottle = new ScriptedSmsThrottle();
  const log: string[] = [];
  const smsMessages = new SmsMessages(
    messages,
    smsOffer,
    smsThrottle,
    encryption,
    PROFILE,
    now,
    createLogger({
      service: 'auth-service',
      level: 'trace',
      destination: { write: (line) => void log.push(line) },
    }),
    events,
  );
  return {
    ...replica,
    sender,
    smsThrottle,
    log,
    phoneEnrolment: new PhoneEnrolmentService(
      service,
      phones,
      smsMessages,
      smsCodes,
      replica.secondFactors,
      replica.credentials,
      replica.changes,
      replica.removals,
      encryption,
      now,
    ),
    smsSignIn: new SmsSignInService(
      replica.challenges,
      replica.accounts,
      service,
      phones,
      smsMessages,
      encryption,
      now,
      events,
    ),
    phoneResealing: new PhoneResealing(phones, encryption),
  };
}

/** What somebody sends to enrol a number. */
export const presentedPhone = (phoneNumber = NUMBER) => ({
  phoneNumber,
  acceptsRisk: true,
  clientAddress: CLIENT_ADDRESS,
});

/** An owner whose phone is sent codes. */
export interface PhoneOwner extends Owner {
  readonly recoveryCodes: readonly string[];
}

/** Enrols a number. */
export async function enrolPhone(
  replica: SmsReplica,
  owner: Owner,
  number = NUMBER,
): Promise<PhoneOwner> {
  await replica.phoneEnrolment.begin(owner.principal, presentedPhone(number));
  const { lastCode } = replica.sender;
  const codes = await replica.phoneEnrolment.confirm(owner.principal, lastCode, CLIENT_ADDRESS);
  const account = await replica.accounts.findById(owner.account.id);
  return { ...owner, account: account ?? owner.account, recoveryCodes: codes };
}

export async function newPhoneOwner(replica: SmsReplica): Promise<PhoneOwner> {
  const owner = await enrolPhone(replica, await newOwner(replica));
  replica.events.clear();
  return owner;
}
