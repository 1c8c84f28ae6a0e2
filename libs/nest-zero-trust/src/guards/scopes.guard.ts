import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { attachedPrincipal, attachedWorkloadTransaction } from '../inbound/principals';
import { refuse } from '../inbound/refusal';
import type { ServiceTrust } from '../inbound/service-trust';
import { admittedCall } from './admitted-call';
import { missingScopes } from './missing-scopes';
import { SERVICE_TRUST } from './service-trust.token';

/** Lets through the principals, and the transactions of workloads, that hold every scope the handler names. */
@Injectable()
export class ScopesGuard implements CanActivate {
  constructor(@Inject(SERVICE_TRUST) private readonly trust: ServiceTrust) {}

  /** @throws ServiceError `PERMISSION_DENIED insufficient_scope` */
  canActivate(context: ExecutionContext): true {
    const { carrier, call, identity } = admittedCall(context);
    const principal = attachedPrincipal(carrier);
    const transaction = attachedWorkloadTransaction(carrier);
    const missing = missingScopes(identity, principal ?? transaction);
    if (missing.length === 0) return true;
    throw refuse(this.trust.events, call, {
      type: 'authorization',
      status: 'PERMISSION_DENIED',
      reason: 'insufficient_scope',
      detail: `missing ${missing.join(' ')}`,
      principal: principal?.id ?? transaction?.workload.toString(),
    });
  }
}
