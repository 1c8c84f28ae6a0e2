import { verifyAuthenticationResponse } from '@simplewebauthn/server';
import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import type { Passkey } from './passkey';
import type { Presented } from './presented-credential';
import type { RelyingParty } from './relying-party';

/** What a verified assertion says. */
export interface VerifiedAssertion {
  readonly signCount: number;
  readonly backedUp: boolean;
}

/** What an assertion is held against. */
export interface Expectations {
  readonly relyingParty: RelyingParty;
  /** Of the account. */
  readonly userHandle: Buffer;
  /** Whether it has to say whose it is; if it does, it has to be right. */
  readonly needsUserHandle: boolean;
}

/**
 * Verifies type, challenge, origin, RP id, user presence and verification, backup flags and signature of an assertion
 * (WebAuthn Level 3 section 7.2), and that it is of the passkey's account. The counter is for the caller to compare, so that a
 * forged assertion never looks like one of a clone. Undefined for one that is not right.
 */
export async function verifyAssertion(
  { credential, challenge }: Presented<AuthenticationResponseJSON>,
  passkey: Passkey,
  { relyingParty, userHandle, needsUserHandle }: Expectations,
): Promise<VerifiedAssertion | undefined> {
  const presentedHandle = credential.response.userHandle;
  if (presentedHandle === undefined ? needsUserHandle : !isHandle(presentedHandle, userHandle)) {
    return undefined;
  }
  const result = await verifyAuthenticationResponse({
    response: credential,
    expectedChallenge: challenge.toString('base64url'),
    expectedOrigin: [...relyingParty.origins],
    expectedRPID: relyingParty.id,
    requireUserVerification: true,
    credential: {
      id: passkey.credentialId.toString('base64url'),
      publicKey: new Uint8Array(passkey.publicKey),
      counter: 0,
    },
  }).catch(() => undefined);
  if (!result?.verified) return undefined;
  const { newCounter, credentialDeviceType, credentialBackedUp } = result.authenticationInfo;
  // Whether it can be on several devices never changes (section 7.2, on BE).
  if ((credentialDeviceType === 'multiDevice') !== passkey.backupEligible) return undefined;
  return { signCount: newCounter, backedUp: credentialBackedUp };
}

function isHandle(presented: string, userHandle: Buffer): boolean {
  return Buffer.from(presented, 'base64url').equals(userHandle);
}
