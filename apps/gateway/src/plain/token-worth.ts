import { TokenRejected, type VerifiesAccessTokens } from '@sallyport/tokens';
import { STATUS_OF_REJECTION } from '../authentication/token-rejection-status';
import { JWS } from '../hygiene/credential-traits';

/** Whether a token opens anything here: it does, nobody here can tell, or it does not. */
export type TokenWorth = 'good' | 'unknown' | 'none';

const WHOLE_JWS = new RegExp(`^${JWS.source}$`);

/**
 * What a token that was seen on its way is worth to whoever saw it. Only an access token tells by itself; one that is not
 * accepted now (made up, expired, revoked) never will be again. Does not ask anybody.
 */
export async function worthOf(
  presentedToken: string,
  accessTokens: VerifiesAccessTokens,
): Promise<TokenWorth> {
  if (!WHOLE_JWS.test(presentedToken)) return 'unknown';
  try {
    await accessTokens.verify(presentedToken);
    return 'good';
  } catch (error) {
    const isRefused = error instanceof TokenRejected && STATUS_OF_REJECTION[error.code] === 401;
    return isRefused ? 'none' : 'unknown';
  }
}
