import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { accessOf } from '../declarations/access-declaration';
import { KNOWN_AUTHENTICATION_CLASSES } from '../declarations/assert-declarations';
import { attachedPrincipal } from '../inbound/principals';
import { refuse } from '../inbound/refusal';
import type { ServiceTrust } from '../inbound/service-trust';
import { admittedCall } from './admitted-call';
import { SERVICE_TRUST } from './service-trust.token';
import { authenticationShortfall } from './user-authentication';

/** Lets through the users who have authenticated as strongly and as recently as the handler requires. */
@Injectable()
export class UserAuthenticationGuard implements CanActivate {
  constructor(
    @Inject(SERVICE_TRUST) private readonly trust: ServiceTrust,
    @Inject(KNOWN_AUTHENTICATION_CLASSES) private readonly classes: readonly string[],
  ) {}

  /** @throws ServiceError `PERMISSION_DENIED insufficient_user_authentication` or `user_not_present` */
  canActivate(context: ExecutionContext): true {
    const { carrier, call } = admittedCall(context);
    const [required] = accessOf(context.getHandler()).authentications;
    if (required === undefined) return true;
    const { clock, events } = this.trust;
    const principal = attachedPrincipal(carrier);
    const reason = principal
      ? authenticationShortfall(required, principal, { classes: this.classes, clock })
      : 'user_not_present';
    if (reason === undefined) return true;
    throw refuse(events, call, {
      type: 'authorization',
      status: 'PERMISSION_DENIED',
      reason,
      detail: `required: ${required.acr} within ${required.maxAge} s`,
      principal: principal?.id,
    });
  }
}
