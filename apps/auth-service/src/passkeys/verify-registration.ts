import { verifyRegistrationResponse } from '@simplewebauthn/server';
import type { RegistrationResponseJSON } from '@simplewebauthn/server';
import type { Passkey } from './passkey';
import type { Presented } from './presented-credential';
import type { RelyingParty } from './relying-party';

/** COSE algorithms: ES256, Ed25519 and RS256, in the order of preference. Every platform has one of them. */
export const PASSKEY_ALGORITHMS = [-7, -8, -257] as const;

/** What authenticators say of a passkey they have made. */
export type MadePasskey = Omit<
  Passkey,
  'id' | 'accountId' | 'name' | 'createdAt' | 'lastUsedAt' | 'suspectedCloneAt' | 'needsPassword'
>;

/**
 * Verifies type, challenge, origin, RP id, user presence and verification, algorithm and backup flags of a new credential
 * (WebAuthn Level 3 section 7.1). An attestation, where one comes unasked, has to be well-formed; who signed it is not looked
 * at, so that the model of the authenticator is what it says it is. Undefined for a credential that is not right.
 */
export async function verifyRegistration(
  { credential, challenge }: Presented<RegistrationResponseJSON>,
  relyingParty: RelyingParty,
): Promise<MadePasskey | undefined> {
  const result = await verifyRegistrationResponse({
    response: credential,
    expectedChallenge: challenge.toString('base64url'),
    expectedOrigin: [...relyingParty.origins],
    expectedRPID: relyingParty.id,
    requireUserVerification: true,
    supportedAlgorithmIDs: [...PASSKEY_ALGORITHMS],
  }).catch(() => undefined);
  if (!result?.verified) return undefined;
  const { credential: made, aaguid, credentialDeviceType } = result.registrationInfo;
  // What is stored and looked up is what the authenticator signed for, not what the browser wrote beside it.
  if (made.id !== credential.id) return undefined;
  return {
    credentialId: Buffer.from(made.id, 'base64url'),
    publicKey: Buffer.from(made.publicKey),
    signCount: made.counter,
    transports: credential.response.transports ?? [],
    aaguid,
    backupEligible: credentialDeviceType === 'multiDevice',
    backedUp: result.registrationInfo.credentialBackedUp,
  };
}
