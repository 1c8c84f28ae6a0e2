import { Inject, Injectable } from '@nestjs/common';
import type { SecurityEvents } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import { MFA_ACR } from '@sallyport/principal';
import type { Clock } from '@sallyport/tokens';
import { generateAuthenticationOptions } from '@simplewebauthn/server';
import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server';
import { CLOCK, DATABASE, SECURITY_EVENTS } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { OwnerNotices } from '../mail/owner-notices';
import type { Authenticated } from '../mfa/second-factor';
import type { RightCode } from '../mfa/second-factor-codes';
import type { Passkey } from './passkey';
import { PasskeysRepository } from './passkeys.repository';
import { parseAssertion } from './presented-credential';
import { RELYING_PARTY } from './relying-party';
import type { RelyingParty } from './relying-party';
import { verifyAssertion } from './verify-assertion';
import {
  WEBAUTHN_CHALLENGE_SECONDS,
  WebauthnChallengesRepository,
} from './webauthn-challenges.repository';
import type { Asked } from './webauthn-challenges.repository';

/** Who may answer, and for what: anything but an enrolment. */
export type AssertionAsked = Asked & { readonly purpose: 'login' | 'second_factor' | 'step_up' };

/** For the browser, and seconds in which it is to be answered. */
export interface AskedAssertion {
  readonly options: PublicKeyCredentialRequestOptionsJSON;
  readonly expiresIn: number;
}

/**
 * An assertion that is right. Its challenge is used up; spending it writes the use of the passkey down, unless a later one
 * came before.
 */
export interface RightAssertion extends RightCode {
  readonly method: 'passkey';
  readonly accountId: string;
}

/** Why an assertion is not accepted; for the security event alone. */
export type AssertionRefusal =
  | 'passkey_malformed'
  | 'passkey_challenge_refused'
  | 'passkey_unknown'
  | 'passkey_refused'
  | 'passkey_counter_rollback'
  | 'passkey_suspected_clone'
  | 'passkey_needs_password';

/** Asks for assertions of passkeys, and says whether they are right. Whoever asks has counted the attempt. */
@Injectable()
export class PasskeyAssertions {
  constructor(
    private readonly challenges: WebauthnChallengesRepository,
    private readonly passkeys: PasskeysRepository,
    private readonly notices: OwnerNotices,
    @Inject(RELYING_PARTY) private readonly relyingParty: RelyingParty,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /**
   * What to give the browser. The passkeys of an account are named to nobody who has not proved to be its owner: a sign-in
   * that begins with the passkey leaves it to the authenticator which one (WebAuthn Level 3 section 14.6.2).
   */
  async ask(asked: AssertionAsked): Promise<AskedAssertion> {
    const challenge = await this.challenges.open(asked, this.clock());
    const usable = await this.usableBy(asked);
    const options = await generateAuthenticationOptions({
      rpID: this.relyingParty.id,
      challenge: new Uint8Array(challenge),
      timeout: WEBAUTHN_CHALLENGE_SECONDS * 1000,
      userVerification: 'required',
      allowCredentials: usable.map(({ credentialId, transports }) => ({
        id: credentialId.toString('base64url'),
        transports: [...transports],
      })),
    });
    return { options, expiresIn: WEBAUTHN_CHALLENGE_SECONDS };
  }

  /** Whose passkey it says it is of; nothing of it is verified. */
  async claimedOwner(presented: string): Promise<string | undefined> {
    const parsed = parseAssertion(presented);
    const passkey = parsed && (await this.passkeys.findByCredentialId(parsed.credentialId));
    return passkey?.accountId;
  }

  /**
   * Verifies an assertion as WebAuthn Level 3 section 7.2 has it. Its challenge is used up, right or wrong. A signature that is
   * right with a counter that has not grown may be a clone's: the passkey is accepted for nothing any more, and its owner is
   * told.
   *
   * @param presented `AuthenticationResponseJSON`
   */
  async check(
    presented: string,
    asked: AssertionAsked,
  ): Promise<RightAssertion | AssertionRefusal> {
    const parsed = parseAssertion(presented);
    if (!parsed) return 'passkey_malformed';
    const now = this.clock();
    if (!(await this.challenges.take(parsed.challenge, asked, now))) {
      return 'passkey_challenge_refused';
    }
    const passkey = await this.passkeys.findByCredentialId(parsed.credentialId);
    const isTheirs = asked.purpose === 'login' || passkey?.accountId === asked.account.id;
    if (!passkey || !isTheirs) return 'passkey_unknown';
    if (passkey.suspectedCloneAt) return 'passkey_suspected_clone';
    const verified = await verifyAssertion(parsed, passkey, {
      relyingParty: this.relyingParty,
      userHandle: await this.passkeys.userHandleOf(passkey.accountId),
      // Where nobody has said who they are, the handle does (section 7.2, step 6).
      needsUserHandle: asked.purpose === 'login',
    });
    if (!verified) return 'passkey_refused';
    const { signCount, backedUp } = verified;
    if ((signCount > 0 || passkey.signCount > 0) && signCount <= passkey.signCount) {
      await this.suspect(passkey, now);
      return 'passkey_counter_rollback';
    }
    // Told after the signature: what does not have the key learns nothing of the account.
    const isAfterPassword = asked.purpose === 'second_factor';
    if (passkey.needsPassword && !isAfterPassword) return 'passkey_needs_password';
    return {
      method: 'passkey',
      accountId: passkey.accountId,
      how: authenticationBy(passkey, asked),
      spend: (transaction) =>
        this.passkeys.use(transaction, passkey.id, {
          ...{ signCount, backedUp, now, isAfterPassword },
        }),
    };
  }

  private async usableBy(asked: AssertionAsked): Promise<readonly Passkey[]> {
    if (asked.purpose === 'login') return [];
    const passkeys = await this.passkeys.list(asked.account.id);
    return passkeys.filter(
      ({ suspectedCloneAt, needsPassword }) =>
        suspectedCloneAt === undefined && (asked.purpose === 'second_factor' || !needsPassword),
    );
  }

  private async suspect({ id, accountId }: Passkey, now: Date): Promise<void> {
    await this.database.db.transaction().execute(async (transaction) => {
      if (!(await this.passkeys.suspect(transaction, id, now))) return;
      await this.notices.send(transaction, accountId, { kind: 'passkey_suspected', now });
    });
    const reason = 'passkey_suspected_clone';
    this.events.record({ type: 'account', outcome: 'succeeded', reason, principal: accountId });
  }
}

/**
 * How somebody authenticated: a passkey is two factors, since it verifies its user. What keeps the key is hardware, or, where it
 * can be on several devices, taken for software (RFC 8176 section 2).
 */
export function authenticationBy(
  { backupEligible }: Pick<Passkey, 'backupEligible'>,
  { purpose }: Pick<Asked, 'purpose'>,
): Authenticated {
  const afterPassword = purpose === 'second_factor' || purpose === 'enrol';
  const key = backupEligible ? 'swk' : 'hwk';
  return { acr: MFA_ACR, amr: [...(afterPassword ? ['pwd'] : []), key, 'user', 'mfa'] };
}
