import type { Database } from '@sallyport/persistence';
import { SoftwareAuthenticator } from '@sallyport/testing';
import type { CredentialOverrides } from '@sallyport/testing';
import { RELYING_PARTY_OF_TESTS } from '../accounts/accounts.fixture';
import { CLIENT_ADDRESS, ORIGIN } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { challengeOf, mfaOf, newOwner } from '../mfa/mfa.fixture';
import type { MfaReplica, Owner } from '../mfa/mfa.fixture';
import { OwnPasskeysService } from './own-passkeys.service';
import type { Passkey } from './passkey';
import { PasskeyEnrolmentService } from './passkey-enrolment.service';
import { PasskeyLoginService } from './passkey-login.service';
import { PasskeySecondFactorService } from './passkey-second-factor.service';

/** A replica with what it does about passkeys. */
export interface PasskeysReplica extends MfaReplica {
  readonly passkeyEnrolment: PasskeyEnrolmentService;
  readonly ownPasskeys: OwnPasskeysService;
  readonly passkeyLogin: PasskeyLoginService;
  readonly passkeySecondFactor: PasskeySecondFactorService;
}

/** A replica with its passkeys, on a real database. */
export async function passkeysOf(
  database: Database<AuthTables>,
  options?: { readonly requiredForScopes?: readonly string[] },
): Promise<PasskeysReplica> {
  const replica = await mfaOf(database, options);
  const { service, passkeys, webauthnChallenges, assertions, changes, events } = replica;
  const { now } = replica.clock;
  return {
    ...replica,
    passkeyEnrolment: new PasskeyEnrolmentService(
      service,
      replica.secondFactors,
      passkeys,
      webauthnChallenges,
      replica.credentials,
      changes,
      RELYING_PARTY_OF_TESTS,
      now,
    ),
    ownPasskeys: new OwnPasskeysService(service, passkeys, changes, replica.removals, events),
    passkeyLogin: new PasskeyLoginService(
      assertions,
      replica.accounts,
      replica.sessions,
      replica.entry,
      replica.devices,
      replica.throttle,
      events,
    ),
    passkeySecondFactor: new PasskeySecondFactorService(
      replica.challenges,
      assertions,
      now,
      events,
    ),
  };
}

/** An authenticator in a browser that is on the pages of the tests' relying party. */
export function newAuthenticator(
  options: { readonly synced?: boolean; readonly aaguid?: string } = {},
): SoftwareAuthenticator {
  const [origin] = RELYING_PARTY_OF_TESTS.origins;
  return new SoftwareAuthenticator({ origin, ...options });
}

/** An owner who has a passkey. */
export interface PasskeyOwner extends Owner {
  readonly authenticator: SoftwareAuthenticator;
  readonly passkey: Passkey;
  readonly recoveryCodes: readonly string[];
}

/** Enrols a passkey of an authenticator. */
export async function enrolPasskey(
  replica: PasskeysReplica,
  owner: Owner,
  authenticator = newAuthenticator(),
): Promise<PasskeyOwner> {
  const { options } = await replica.passkeyEnrolment.begin(owner.principal);
  const credential = JSON.stringify(authenticator.create(options));
  const presented = { credential, name: undefined, clientAddress: CLIENT_ADDRESS };
  const enrolled = await replica.passkeyEnrolment.enrol(owner.principal, presented);
  const account = await replica.accounts.findById(owner.account.id);
  return { ...owner, ...enrolled, account: account ?? owner.account, authenticator };
}

export async function newPasskeyOwner(
  replica: PasskeysReplica,
  options: { readonly synced?: boolean; readonly aaguid?: string } = {},
): Promise<PasskeyOwner> {
  const owner = await newOwner(replica);
  const enrolled = await enrolPasskey(replica, owner, newAuthenticator(options));
  replica.events.clear();
  return enrolled;
}

/** An assertion for a sign-in that begins with it. */
export async function loginAssertion(
  replica: PasskeysReplica,
  { authenticator }: Pick<PasskeyOwner, 'authenticator'>,
  overrides?: CredentialOverrides,
): Promise<string> {
  const { options } = await replica.passkeyLogin.begin();
  return JSON.stringify(authenticator.get(options, overrides));
}

export const logInWith = (replica: PasskeysReplica, credential: string) =>
  replica.passkeyLogin.logIn({ ...ORIGIN, credential });

/** A sign-in whose password was right, and an assertion for it. */
export async function secondFactorAssertion(
  replica: PasskeysReplica,
  owner: PasskeyOwner,
  overrides?: CredentialOverrides,
): Promise<{ readonly mfaToken: string; readonly code: string }> {
  const mfaToken = await challengeOf(replica, owner);
  const { options } = await replica.passkeySecondFactor.begin(mfaToken, CLIENT_ADDRESS);
  return { mfaToken, code: JSON.stringify(owner.authenticator.get(options, overrides)) };
}

export const completeWith = (replica: PasskeysReplica, mfaToken: string, code: string) =>
  replica.secondFactor.logIn(mfaToken, { ...ORIGIN, method: 'passkey', code });
