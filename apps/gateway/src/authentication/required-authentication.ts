import type { RequiredAuthentication } from '@sallyport/nest-zero-trust';
import { MFA_ACR, PASSWORD_ACR } from '@sallyport/principal';

const FIVE_MINUTES_SECONDS = 5 * 60;

/**
 * The user has proved who they are in the last five minutes, with all they have: for what decides who gets in. Whoever has a
 * second factor has used it, as no session of theirs is opened or stepped up without.
 */
export const RECENT: RequiredAuthentication = { acr: PASSWORD_ACR, maxAge: FIVE_MINUTES_SECONDS };

/** The same by two factors, so that an account without a second one cannot do it: for operators, and for money paid back. */
export const STRONG: RequiredAuthentication = { acr: MFA_ACR, maxAge: FIVE_MINUTES_SECONDS };
