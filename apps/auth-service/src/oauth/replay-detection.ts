import { decodeJwt } from 'jose';
import type { Provider } from 'oidc-provider';
import type { Clock } from '@sallyport/tokens';
import type { ArtifactsRepository } from './artifacts.repository';
import { providerLibrary } from './provider-library';

/** For how long a DPoP proof without a nonce may be presented, before and after the moment it is dated. Seconds. */
const PROOF_WINDOW = 300;

/**
 * Has what is used once ever, assertions of clients and DPoP proofs, recorded by one statement (R11): the library
 * would look for it and write it afterwards, and two requests at the same time would both pass. A proof that is dated to
 * come is remembered until it is too old; that it was presented before is called `invalid_dpop_proof` (RFC 9449 §5),
 * whichever endpoint it is.
 */
export function detectReplays(
  provider: Provider,
  artifacts: Pick<ArtifactsRepository, 'putOnce'>,
  clock: Clock,
): void {
  Object.assign(provider.ReplayDetection, {
    /** @throws InvalidDpopProof */
    unique: async (clientId: string, jti: string, expiresAt: number): Promise<boolean> => {
      const isOfProof = jti === presentedProofId();
      const remaining = Math.ceil(expiresAt - clock().getTime() / 1000);
      const seconds = isOfProof ? 2 * PROOF_WINDOW : remaining;
      const id = JSON.stringify([clientId, jti]);
      const isFirst = await artifacts.putOnce('ReplayDetection', id, {}, Math.max(1, seconds));
      const { errors } = providerLibrary();
      if (!isFirst && isOfProof) throw new errors.InvalidDpopProof('presented before');
      return isFirst;
    },
  });
}

/** Of the proof the request came with. It has been verified by the time its own id is asked about, not when an assertion's is. */
function presentedProofId(): string | undefined {
  const { Provider } = providerLibrary();
  try {
    return decodeJwt(Provider.ctx?.get('DPoP') ?? '').jti;
  } catch {
    return undefined;
  }
}
