import type { BrowserContext, Page } from 'playwright-core';

/**
 * An authenticator that Chromium has built in for tests (WebAuthn Level 3 section 11): it makes discoverable passkeys, and
 * its user is there and answers at once.
 */
export interface VirtualAuthenticator {
  credentials(): Promise<readonly unknown[]>;
  /** Sets the counters of its passkeys back, as those of a copy that was made before the last use. */
  rollBack(): Promise<void>;
  /** Whether its user enters the right PIN from now on. */
  verifyUser(isVerified: boolean): Promise<void>;
  /** Whether what it signs denies that its user was verified, though the browser believes it. */
  claimUserUnverified(isClaimed: boolean): Promise<void>;
  /** Takes it out of the browser. */
  remove(): Promise<void>;
}

export async function addVirtualAuthenticator(
  context: BrowserContext,
  page: Page,
): Promise<VirtualAuthenticator> {
  const session = await context.newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const credentials = async () =>
    (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials;
  return {
    credentials,
    async rollBack() {
      for (const credential of await credentials()) {
        const { credentialId } = credential;
        await session.send('WebAuthn.removeCredential', { authenticatorId, credentialId });
        const earlier = { ...credential, signCount: credential.signCount - 1 };
        await session.send('WebAuthn.addCredential', { authenticatorId, credential: earlier });
      }
    },
    async verifyUser(isUserVerified) {
      await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
    },
    async claimUserUnverified(isBadUV) {
      await session.send('WebAuthn.setResponseOverrideBits', { authenticatorId, isBadUV });
    },
    async remove() {
      await session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
      await session.detach();
    },
  };
}
