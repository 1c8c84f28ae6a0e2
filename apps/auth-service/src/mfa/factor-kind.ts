import type { AuthConnection } from '../revocations/record-revocation';
import type { MfaMethod } from './second-factor';

/** What a second factor can be. A recovery code is none: it stands in for one that is not at hand. */
export type FactorType = Exclude<MfaMethod, 'recovery_code'>;

/** A second factor in use, as its owner may see it. */
export interface EnrolledFactor {
  readonly id: string;
  readonly type: FactorType;
  /** What its owner calls it, or what can be shown of it. */
  readonly name: string | undefined;
  readonly enrolledAt: Date;
  /** Undefined as well where this is not kept. */
  readonly lastUsedAt: Date | undefined;
  /** Set on one that completes no sign-in any more. Nor is the password enough because of that. */
  readonly isRefused?: boolean;
}

/** One kind of second factor, as {@link SecondFactors} sees it. */
export interface FactorKind {
  /**
   * False where what completes a sign-in cannot be had at present; true when left out. What is in use stays a factor: its
   * account does not sign in with the password alone.
   */
  readonly isOffered?: boolean;

  /**
   * What an account has in use of this kind, the oldest first; not what is being enrolled.
   *
   * @param connection of the transaction to read in; another connection when left out
   */
  inUse(accountId: string, connection?: AuthConnection): Promise<readonly EnrolledFactor[]>;
}

/** FactorKind[], bound to every kind there is. */
export const FACTOR_KINDS = Symbol('FactorKinds');
