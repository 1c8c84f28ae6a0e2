import type { Principal, WorkloadTransaction } from '@sallyport/principal';
import { rawRequestOf, type HttpRequest } from './carrier';

const principals = new WeakMap<object, Principal>();
const workloadTransactions = new WeakMap<object, WorkloadTransaction>();
const transactionTokens = new WeakMap<object, string>();

/** Puts the principal on an HTTP request, once its credential has been verified. */
export function setPrincipal(request: HttpRequest, principal: Principal): void {
  attachPrincipal(rawRequestOf(request), principal);
}

/** The verified principal of an HTTP request; undefined when nobody has authenticated. */
export function principalOf(request: HttpRequest): Principal | undefined {
  return attachedPrincipal(rawRequestOf(request));
}

export function attachPrincipal(carrier: object, principal: Principal): void {
  principals.set(carrier, principal);
}

export function attachedPrincipal(carrier: object): Principal | undefined {
  return principals.get(carrier);
}

/** Keeps the verified transaction of a workload; a call has a principal, or this, or neither. */
export function attachWorkloadTransaction(carrier: object, transaction: WorkloadTransaction): void {
  workloadTransactions.set(carrier, transaction);
}

export function attachedWorkloadTransaction(carrier: object): WorkloadTransaction | undefined {
  return workloadTransactions.get(carrier);
}

/** Keeps the transaction token of a call, so that it can be passed on unmodified. */
export function attachTransactionToken(carrier: object, token: string): void {
  transactionTokens.set(carrier, token);
}

export function attachedTransactionToken(carrier: object): string | undefined {
  return transactionTokens.get(carrier);
}
