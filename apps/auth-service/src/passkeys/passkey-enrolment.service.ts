import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Principal } from '@sallyport/principal';
import type { Clock } from '@sallyport/tokens';
import { generateRegistrationOptions } from '@simplewebauthn/server';
import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/server';
import { AccountsService } from '../accounts/accounts.service';
import { CLOCK } from '../app.tokens';
import { FactorChanges } from '../mfa/factor-changes';
import type { FactorChange } from '../mfa/factor-changes';
import { OwnCredentialsService } from '../mfa/own-credentials.service';
import { SecondFactors } from '../mfa/second-factors';
import { raiseSession } from '../sessions/raise-session';
import { authenticatorOf, MOST_PASSKEYS, parsePasskeyName } from './passkey';
import type { Passkey } from './passkey';
import { authenticationBy } from './passkey-assertions';
import { PasskeysRepository } from './passkeys.repository';
import { parseRegistration } from './presented-credential';
import { RELYING_PARTY } from './relying-party';
import type { RelyingParty } from './relying-party';
import { PASSKEY_ALGORITHMS, verifyRegistration } from './verify-registration';
import {
  WEBAUTHN_CHALLENGE_SECONDS,
  WebauthnChallengesRepository,
} from './webauthn-challenges.repository';
import type { Asked } from './webauthn-challenges.repository';

/** For the browser, and seconds in which it is to be answered. */
export interface BegunPasskey {
  readonly options: PublicKeyCredentialCreationOptionsJSON;
  readonly expiresIn: number;
}

/** A passkey to enrol, as it arrived. */
export interface PresentedPasskey {
  /** `RegistrationResponseJSON`. */
  readonly credential: string;
  /** After the model of the authenticator when left out. */
  readonly name: string | undefined;
  readonly clientAddress: string | undefined;
}

/** A passkey in use, and the recovery codes that came with it where it is the first factor. */
export interface EnrolledPasskey {
  readonly passkey: Passkey;
  readonly recoveryCodes: readonly string[];
}

/** Enrols passkeys. Whoever lets somebody do that has seen to it that they have just authenticated. */
@Injectable()
export class PasskeyEnrolmentService {
  constructor(
    private readonly own: AccountsService,
    private readonly factors: SecondFactors,
    private readonly passkeys: PasskeysRepository,
    private readonly challenges: WebauthnChallengesRepository,
    private readonly credentials: OwnCredentialsService,
    private readonly changes: FactorChanges,
    @Inject(RELYING_PARTY) private readonly relyingParty: RelyingParty,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * What to give the browser: a passkey that the authenticator finds by itself and verifies its user for. No attestation is asked
   * for, since no model is shut out.
   *
   * @throws ServiceError NOT_FOUND `account_not_found`; FAILED_PRECONDITION `too_many_passkeys`
   */
  async begin(principal: Principal): Promise<BegunPasskey> {
    const account = await this.own.own(principal);
    const existing = await this.passkeys.list(account.id);
    assertRoomBeside(existing);
    const challenge = await this.challenges.open(askedBy(principal, account), this.clock());
    const options = await generateRegistrationOptions({
      rpID: this.relyingParty.id,
      rpName: this.relyingParty.name,
      userID: new Uint8Array(await this.passkeys.userHandleOf(account.id)),
      userName: account.email,
      userDisplayName: account.email,
      challenge: new Uint8Array(challenge),
      timeout: WEBAUTHN_CHALLENGE_SECONDS * 1000,
      attestationType: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      supportedAlgorithmIDs: [...PASSKEY_ALGORITHMS],
      excludeCredentials: existing.map(({ credentialId, transports }) => ({
        id: credentialId.toString('base64url'),
        transports: [...transports],
      })),
    });
    return { options, expiresIn: WEBAUTHN_CHALLENGE_SECONDS };
  }

  /**
   * Puts a passkey in use, and ends the other sessions. With the first factor come recovery codes, and the calling session
   * counts as completed by it from its next token on.
   *
   * @throws ServiceError INVALID_ARGUMENT `passkey_name_invalid`; UNAUTHENTICATED `mfa_refused`, whatever is wrong with the
   * credential or its challenge; FAILED_PRECONDITION `too_many_passkeys`; NOT_FOUND `account_not_found`; and what
   * {@link FactorChanges} and {@link AttemptThrottle.admit} throw
   */
  async enrol(principal: Principal, presented: PresentedPasskey): Promise<EnrolledPasskey> {
    const { clientAddress } = presented;
    const name = presented.name === undefined ? undefined : parsePasskeyName(presented.name);
    this.changes.requireFeed();
    const account = await this.own.own(principal);
    await this.credentials.admitCode(account, { principal, clientAddress });
    const hadFactor = await this.factors.areInUse(account.id);
    assertRoomBeside(await this.passkeys.list(account.id));
    const verified = await this.verify(presented.credential, askedBy(principal, account));
    if (typeof verified === 'string') {
      throw this.credentials.refuseCode(verified, account, clientAddress);
    }
    const passkey: Passkey = {
      ...verified,
      id: randomUUID(),
      accountId: account.id,
      name: name ?? authenticatorOf(verified) ?? 'Passkey',
      createdAt: this.clock(),
      lastUsedAt: undefined,
      suspectedCloneAt: undefined,
      needsPassword: false,
    };
    const change: FactorChange = {
      account,
      principal,
      clientAddress,
      event: 'factor_enrolled',
      make: async (transaction) => {
        if (!hadFactor) {
          const authentication = authenticationBy(passkey, { purpose: 'enrol' });
          await raiseSession(transaction, principal.sessionId ?? '', authentication);
        }
        return this.passkeys.add(transaction, passkey);
      },
    };
    if (!hadFactor) {
      return { passkey, recoveryCodes: await this.changes.makeWithNewCodes(change) };
    }
    await this.changes.make(change);
    return { passkey, recoveryCodes: [] };
  }

  private async verify(presented: string, asked: Asked) {
    const parsed = parseRegistration(presented);
    if (!parsed) return 'passkey_malformed';
    if (!(await this.challenges.take(parsed.challenge, asked, this.clock()))) {
      return 'passkey_challenge_refused';
    }
    return (await verifyRegistration(parsed, this.relyingParty)) ?? 'passkey_refused';
  }
}

function askedBy(
  { sessionId = '' }: Principal,
  account: { readonly id: string; readonly passwordVersion: number },
): Asked {
  return { purpose: 'enrol', account, boundTo: sessionId };
}

function assertRoomBeside(existing: readonly Passkey[]): void {
  if (existing.length >= MOST_PASSKEYS) {
    throw new ServiceError('FAILED_PRECONDITION', 'too_many_passkeys');
  }
}
