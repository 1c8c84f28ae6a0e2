import { Inject, Injectable } from '@nestjs/common';
import type { AuthConnection } from '../revocations/record-revocation';
import { FACTOR_KINDS } from './factor-kind';
import type { EnrolledFactor, FactorKind } from './factor-kind';
import { MFA_METHODS } from './second-factor';
import type { MfaMethod } from './second-factor';

/**
 * The second factors of an account, of whatever kind: the one place that says whether there are any. Recovery codes come
 * with the first of them and go with the last.
 */
@Injectable()
export class SecondFactors {
  constructor(@Inject(FACTOR_KINDS) private readonly kinds: readonly FactorKind[]) {}

  /**
   * What an account has in use, kind by kind.
   *
   * @param connection of the transaction to read in; another connection when left out
   */
  async list(accountId: string, connection?: AuthConnection): Promise<readonly EnrolledFactor[]> {
    const factors: EnrolledFactor[] = [];
    for (const kind of this.kinds) factors.push(...(await kind.inUse(accountId, connection)));
    return factors;
  }

  /** Whether the password alone is not enough. */
  async areInUse(accountId: string, connection?: AuthConnection): Promise<boolean> {
    return (await this.list(accountId, connection)).length > 0;
  }

  /** Whether any of them completes a sign-in now. One that does not keeps the password from being enough, and is all it does. */
  async areUsable(accountId: string, connection?: AuthConnection): Promise<boolean> {
    for (const kind of this.kinds) {
      const factors = await kind.inUse(accountId, connection);
      if (factors.some((factor) => isUsable(kind, factor))) return true;
    }
    return false;
  }

  /** What completes a sign-in of this account after the password, in the order of {@link MFA_METHODS}; empty without a factor. */
  async methodsOf(accountId: string): Promise<readonly MfaMethod[]> {
    const methods = new Set<MfaMethod>();
    for (const kind of this.kinds) {
      for (const factor of await kind.inUse(accountId)) {
        methods.add('recovery_code');
        if (isUsable(kind, factor)) methods.add(factor.type);
      }
    }
    return MFA_METHODS.filter((method) => methods.has(method));
  }
}

/** Whether a factor in use completes a sign-in now. */
function isUsable({ isOffered }: FactorKind, { isRefused }: EnrolledFactor): boolean {
  return isOffered !== false && isRefused !== true;
}
