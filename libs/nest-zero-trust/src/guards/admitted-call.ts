import type { ExecutionContext } from '@nestjs/common';
import { accessOf, type IdentityDeclaration } from '../declarations/access-declaration';
import { carrierOf } from '../inbound/carrier';
import { inboundCallOf, type InboundCall } from '../inbound/inbound-call';

/** A call that the CallerGuard let through, with what its handler declares. */
export interface AdmittedCall {
  readonly carrier: object;
  readonly call: InboundCall;
  readonly identity: IdentityDeclaration;
}

/** @throws TypeError when the guards stand in another order, or the handler does not declare one identity */
export function admittedCall(context: ExecutionContext): AdmittedCall {
  const carrier = carrierOf(context);
  const call = inboundCallOf(carrier);
  if (!call) throw new TypeError('the CallerGuard has to come first');
  return { carrier, call, identity: declaredIdentity(context) };
}

/** @throws TypeError unless the handler declares exactly one identity: the boot refuses such handlers */
export function declaredIdentity(context: ExecutionContext): IdentityDeclaration {
  const [identity, ...more] = accessOf(context.getHandler()).identities;
  if (identity && more.length === 0) return identity;
  throw new TypeError(`${context.getClass().name}.${context.getHandler().name} is undeclared`);
}
