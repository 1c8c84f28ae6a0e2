import type { ServiceError } from '@sallyport/nest-zero-trust';
import type { Database } from '@sallyport/persistence';
import type { FakeClock } from '@sallyport/testing';
import { NotMeLinksRepository } from '../account-security/not-me-links.repository';
import { KEY_ENCRYPTION_KEY, replicaOf, type Replica } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { MfaChallengesRepository } from '../mfa/mfa-challenges.repository';
import { MfaRequired, MfaRequirement } from '../mfa/mfa-required';
import { OwnCredentialsService } from '../mfa/own-credentials.service';
import { PasskeyAssertions } from '../passkeys/passkey-assertions';
import { PasskeysRepository } from '../passkeys/passkeys.repository';
import { WebauthnChallengesRepository } from '../passkeys/webauthn-challenges.repository';
import { RecoveryCodesRepository } from '../mfa/recovery-codes.repository';
import { SecondFactorCodes } from '../mfa/second-factor-codes';
import { SecondFactors } from '../mfa/second-factors';
import { TotpFactorsRepository } from '../mfa/totp-factors.repository';
import { AccountControlService } from '../operators/account-control.service';
import { MailOutbox } from '../mail/mail-outbox';
import { PasswordResetsRepository } from '../password-resets/password-resets.repository';
import type { BreachedPasswords } from '../passwords/breached-passwords';
import { NewPasswords } from '../passwords/new-passwords.service';
import type { Password } from '../passwords/password';
import type { PasswordHashing } from '../passwords/password-hashing';
import { PhoneFactorKind } from '../sms/phone-factor-kind';
import { PhoneFactorsRepository } from '../sms/phone-factors.repository';
import { SmsCodeCheck } from '../sms/sms-code-check';
import { SmsCodesRepository } from '../sms/sms-codes.repository';
import type { SmsOffer } from '../sms/sms-sender';
import { FileKeyEncryption } from '../signing-keys/file.key-encryption';
import type { SessionPolicy } from '../sessions/session-policy';
import type {
  Admission,
  Attempt,
  AttemptThrottle,
  ThrottledAction,
} from '../throttling/attempt-throttle';
import type { IssuedTokens } from '../tokens/issued-tokens';
import { AccountSeeding } from './account-seeding';
import { AccountsService } from './accounts.service';
import { LockNotices } from './lock-notices';
import { LoginService } from './login.service';
import { PasswordChangeService } from './password-change.service';
import { OwnerNotices } from '../mail/owner-notices';
import { RegistrationService } from './registration.service';

/** Whom the tests' passkeys are for. */
export const RELYING_PARTY_OF_TESTS = {
  id: 'localhost',
  name: 'Sallyport',
  origins: ['https://localhost:8443'],
} as const;

/** Hashes in no time, and keeps what it was asked. */
export class CountingPasswordHashing implements PasswordHashing {
  readonly unmatchable = '$argon2id$current$unmatchable';
  readonly calls: ('hash' | 'verify')[] = [];

  async hash(password: Password): Promise<string> {
    this.calls.push('hash');
    return `$argon2id$current$${password}`;
  }

  async verify(password: Password, phc: string): Promise<boolean> {
    this.calls.push('verify');
    return phc !== this.unmatchable && phc.split('$').at(-1) === password;
  }

  isCurrent(phc: string): boolean {
    return phc.startsWith('$argon2id$current$');
  }
}

/** Knows no password until it is told of some. */
export class ListedBreaches implements BreachedPasswords {
  readonly passwords = new Set<string>();

  async includes(password: Password): Promise<boolean> {
    return this.passwords.has(password);
  }
}

/** Lets everything through until it is told otherwise, and keeps what it was asked. */
export class ScriptedThrottle implements AttemptThrottle {
  readonly admitted: (Attempt & { readonly action: ThrottledAction })[] = [];
  readonly forgotten: (Attempt & { readonly action?: ThrottledAction })[] = [];
  refusal: ServiceError | undefined;
  /** Whether what it lets through is the last attempt before the account is locked. */
  isLast = false;

  async admit(action: ThrottledAction, attempt: Attempt): Promise<Admission> {
    if (this.refusal) throw this.refusal;
    this.admitted.push({ action, ...attempt });
    return { isLast: this.isLast };
  }

  async forgetFailures(attempt: Attempt, action?: ThrottledAction): Promise<void> {
    if (this.refusal) throw this.refusal;
    this.forgotten.push({ ...attempt, ...(action && { action }) });
  }
}

/** A replica with its account services. */
export interface AccountsReplica extends Replica {
  readonly passwords: CountingPasswordHashing;
  readonly breaches: ListedBreaches;
  readonly newPasswords: NewPasswords;
  readonly resets: PasswordResetsRepository;
  readonly outbox: MailOutbox;
  readonly notices: OwnerNotices;
  readonly throttle: ScriptedThrottle;
  readonly service: AccountsService;
  readonly seeding: AccountSeeding;
  readonly login: LoginService;
  readonly registration: RegistrationService;
  readonly passwordChange: PasswordChangeService;
  readonly requirement: MfaRequirement;
  readonly passkeys: PasskeysRepository;
  readonly webauthnChallenges: WebauthnChallengesRepository;
  readonly assertions: PasskeyAssertions;
  readonly lockNotices: LockNotices;
  readonly control: AccountControlService;
}

/** A replica with its account services, on a real database. */
export async function accountsOf(
  database: Database<AuthTables>,
  clock?: FakeClock,
  policy?: SessionPolicy,
  smsOffer?: SmsOffer,
): Promise<AccountsReplica> {
  const replica = await replicaOf(database, clock, policy);
  const { accounts, sessions, devices, ends, revocations, events } = replica;
  const passwords = new CountingPasswordHashing();
  const throttle = new ScriptedThrottle();
  const breaches = new ListedBreaches();
  const newPasswords = new NewPasswords(breaches);
  const resets = new PasswordResetsRepository(database);
  const outbox = new MailOutbox(database, new FileKeyEncryption(KEY_ENCRYPTION_KEY));
  const notices = new OwnerNotices(outbox, new NotMeLinksRepository(database));
  const service = new AccountsService(accounts);
  const passkeys = new PasskeysRepository(database);
  const phones = new PhoneFactorsRepository(database);
  const encryption = new FileKeyEncryption(KEY_ENCRYPTION_KEY);
  const requirement = new MfaRequirement(
    new SecondFactors([
      new TotpFactorsRepository(database),
      passkeys,
      new PhoneFactorKind(phones, smsOffer),
    ]),
    new MfaChallengesRepository(database),
    replica.clock.now,
  );
  const { now } = replica.clock;
  const webauthnChallenges = new WebauthnChallengesRepository(database);
  const assertions = new PasskeyAssertions(
    webauthnChallenges,
    passkeys,
    notices,
    RELYING_PARTY_OF_TESTS,
    database,
    now,
    events,
  );
  const codes = new SecondFactorCodes(
    new TotpFactorsRepository(database),
    new RecoveryCodesRepository(database),
    assertions,
    notices,
    new SmsCodeCheck(new SmsCodesRepository(database), phones, encryption),
    encryption,
  );
  const lockNotices = new LockNotices(accounts, notices, database, now, events);
  const credentials = new OwnCredentialsService(codes, throttle, passwords, now, events);
  return {
    ...replica,
    passwords,
    breaches,
    newPasswords,
    resets,
    outbox,
    notices,
    throttle,
    service,
    requirement,
    passkeys,
    webauthnChallenges,
    assertions,
    lockNotices,
    seeding: new AccountSeeding(accounts, passwords, now),
    login: new LoginService(
      accounts,
      sessions,
      requirement,
      devices,
      lockNotices,
      throttle,
      passwords,
      events,
    ),
    registration: new RegistrationService(
      accounts,
      sessions,
      newPasswords,
      throttle,
      passwords,
      now,
      events,
    ),
    passwordChange: new PasswordChangeService(
      service,
      accounts,
      sessions,
      ends,
      revocations,
      newPasswords,
      resets,
      notices,
      requirement,
      credentials,
      database,
      passwords,
      now,
      events,
    ),
    control: new AccountControlService(accounts, ends, revocations, notices, database, now, events),
  };
}

/** What a sign-in by password alone opened. @throws Error when it opened a challenge */
export async function tokensOf(
  outcome: Promise<IssuedTokens | MfaRequired>,
): Promise<IssuedTokens> {
  const opened = await outcome;
  if (opened instanceof MfaRequired) throw new Error('there is a second factor');
  return opened;
}
