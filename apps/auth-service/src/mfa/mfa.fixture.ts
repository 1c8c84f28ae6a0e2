import { createHmac } from 'node:crypto';
import type { Database } from '@sallyport/persistence';
import { createPrincipal } from '@sallyport/principal';
import type { Principal } from '@sallyport/principal';
import { accountsOf, type AccountsReplica } from '../accounts/accounts.fixture';
import type { Account } from '../accounts/account';
import { CLIENT_ADDRESS, KEY_ENCRYPTION_KEY, openSession, ORIGIN } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { FileKeyEncryption } from '../signing-keys/file.key-encryption';
import { PhoneFactorKind } from '../sms/phone-factor-kind';
import { PhoneFactorsRepository } from '../sms/phone-factors.repository';
import { SmsCodeCheck } from '../sms/sms-code-check';
import { SmsCodesRepository } from '../sms/sms-codes.repository';
import type { SmsOffer } from '../sms/sms-sender';
import { ChallengeEntry } from './challenge-entry';
import { FactorChanges } from './factor-changes';
import { FactorRemovals } from './factor-removals';
import { MfaChallengesRepository } from './mfa-challenges.repository';
import { MfaRequired } from './mfa-required';
import { OwnCredentialsService } from './own-credentials.service';
import { OwnFactorsService } from './own-factors.service';
import { RecoveryCodesRepository } from './recovery-codes.repository';
import { SecondFactorCodes } from './second-factor-codes';
import { SecondFactorLoginService } from './second-factor-login.service';
import { SecondFactors } from './second-factors';
import { StepUpService } from './step-up.service';
import { TotpEnrolmentService } from './totp-enrolment.service';
import { TotpFactorsRepository } from './totp-factors.repository';
import { TotpResealing } from './totp-resealing';

export const PASSWORD = 'correct horse battery staple';

/** What nothing here asks of a principal. */
const NOT_TOLD = { clientId: undefined, acr: undefined, authTime: undefined };

/** A replica with what it does about second factors. */
export interface MfaReplica extends AccountsReplica {
  readonly encryption: FileKeyEncryption;
  readonly phones: PhoneFactorsRepository;
  readonly messages: SmsCodesRepository;
  readonly smsCodes: SmsCodeCheck;
  readonly factors: TotpFactorsRepository;
  readonly challenges: MfaChallengesRepository;
  readonly codes: RecoveryCodesRepository;
  readonly secondFactors: SecondFactors;
  readonly credentials: OwnCredentialsService;
  readonly changes: FactorChanges;
  readonly removals: FactorRemovals;
  readonly entry: ChallengeEntry;
  readonly secondFactor: SecondFactorLoginService;
  readonly enrolment: TotpEnrolmentService;
  readonly own: OwnFactorsService;
  readonly stepUp: StepUpService;
  /** Under other keys than the replica seals with. */
  resealing(encryption: FileKeyEncryption): TotpResealing;
}

/** A replica with its second factors, on a real database. */
export async function mfaOf(
  database: Database<AuthTables>,
  {
    requiredForScopes = [],
    smsOffer,
  }: { readonly requiredForScopes?: readonly string[]; readonly smsOffer?: SmsOffer } = {},
): Promise<MfaReplica> {
  const replica = await accountsOf(database, undefined, undefined, smsOffer);
  const { accounts, sessions, ends, revocations, throttle, passwords, events, service } = replica;
  const { now } = replica.clock;
  const encryption = new FileKeyEncryption(KEY_ENCRYPTION_KEY);
  const factors = new TotpFactorsRepository(database);
  const challenges = new MfaChallengesRepository(database);
  const codes = new RecoveryCodesRepository(database);
  const phones = new PhoneFactorsRepository(database);
  const messages = new SmsCodesRepository(database);
  const smsCodes = new SmsCodeCheck(messages, phones, encryption);
  const check = new SecondFactorCodes(
    factors,
    codes,
    replica.assertions,
    replica.notices,
    smsCodes,
    encryption,
  );
  const credentials = new OwnCredentialsService(check, throttle, passwords, now, events);
  const changes = new FactorChanges(
    accounts,
    codes,
    ends,
    revocations,
    credentials,
    replica.notices,
    database,
    now,
    events,
  );
  const secondFactors = new SecondFactors([
    factors,
    replica.passkeys,
    new PhoneFactorKind(phones, smsOffer),
  ]);
  const policy = { requiredForScopes: new Set(requiredForScopes) };
  const removals = new FactorRemovals(secondFactors, changes, credentials, policy);
  const entry = new ChallengeEntry(accounts, challenges, database);
  return {
    ...replica,
    encryption,
    phones,
    messages,
    smsCodes,
    factors,
    challenges,
    codes,
    secondFactors,
    credentials,
    changes,
    removals,
    entry,
    secondFactor: new SecondFactorLoginService(
      challenges,
      check,
      entry,
      accounts,
      sessions,
      replica.devices,
      replica.lockNotices,
      throttle,
      now,
      events,
    ),
    enrolment: new TotpEnrolmentService(service, factors, credentials, changes, encryption, now),
    own: new OwnFactorsService(service, secondFactors, factors, codes, changes, removals),
    stepUp: new StepUpService(
      service,
      accounts,
      sessions,
      replica.requirement,
      credentials,
      database,
      events,
    ),
    resealing: (other) => new TotpResealing(factors, other),
  };
}

/** An account with its password, and what its owner is signed in with. */
export interface Owner {
  readonly account: Account;
  readonly principal: Principal;
}

/** Somebody signed in with a password, and nothing else. */
export async function newOwner(replica: MfaReplica): Promise<Owner> {
  const account = await replica.newAccount({ passwordHash: `$argon2id$current$${PASSWORD}` });
  return { account, principal: await signedIn(replica, account) };
}

/** Another session of an account's owner. */
export async function signedIn(replica: MfaReplica, { id }: Account): Promise<Principal> {
  const account = await replica.accounts.findById(id);
  if (!account) throw new Error('the account is gone');
  const { sid } = await replica.verify((await openSession(replica, account)).accessToken);
  const scopes = new Set<string>();
  return createPrincipal({ type: 'user', id, scopes, sessionId: sid, ...NOT_TOLD });
}

/** An owner whose phone has an app. */
export interface Enrolled extends Owner {
  readonly secret: Buffer;
  readonly recoveryCodes: readonly string[];
}

/** Enrols an app; its clock is then a step further, so that the next code is a fresh one. */
export async function enrol(replica: MfaReplica, owner: Owner): Promise<Enrolled> {
  const key = await replica.enrolment.begin(owner.principal);
  const secret = fromBase32(key.secret);
  const code = codeAt(secret, replica.clock.now());
  const recoveryCodes = await replica.enrolment.confirm(owner.principal, code, CLIENT_ADDRESS);
  replica.clock.advance({ seconds: 30 });
  const account = await replica.accounts.findById(owner.account.id);
  return { ...owner, account: account ?? owner.account, secret, recoveryCodes };
}

export async function newEnrolled(replica: MfaReplica): Promise<Enrolled> {
  const enrolled = await enrol(replica, await newOwner(replica));
  replica.events.clear();
  return enrolled;
}

/** Gives the password; resolves with the token of the challenge. */
export async function challengeOf(replica: MfaReplica, { account }: Owner): Promise<string> {
  const { email } = account;
  const outcome = await replica.login.logIn({ ...ORIGIN, email, password: PASSWORD });
  if (!(outcome instanceof MfaRequired)) throw new Error('the password was enough');
  return outcome.token;
}

/** RFC 6238 with SHA-1, six digits and thirty seconds, without the library that is tested. */
export function codeAt(secret: Buffer, now: Date, stepsAway = 0): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now.getTime() / 30_000) + stepsAway));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const truncated = mac.readUInt32BE((mac.at(-1) ?? 0) & 0xf) & 0x7fffffff;
  return String(truncated % 1_000_000).padStart(6, '0');
}

/** RFC 4648 section 6. */
export function fromBase32(text: string): Buffer {
  const bits = Array.from(text, (letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  ).join('');
  return Buffer.from((bits.match(/[01]{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}
