import { PASSWORD_ACR } from '@sallyport/principal';
import type { SignInOrigin } from '../sessions/session';

/** What somebody who registers or logs in sends, as it arrived. */
export interface PresentedCredentials extends SignInOrigin {
  readonly email: string;
  readonly password: string;
}

/** How a session opened by password alone was authenticated; `amr` as RFC 8176 has it. */
export const PASSWORD_AUTHENTICATION = { acr: PASSWORD_ACR, amr: ['pwd'] } as const;
