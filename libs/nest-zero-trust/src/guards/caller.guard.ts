import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { newCorrelationId } from '@sallyport/observability';
import type { SpiffeId } from '@sallyport/workload-identity';
import { accessOf } from '../declarations/access-declaration';
import { Admission } from '../inbound/admission';
import { carrierOf, httpRequestOf } from '../inbound/carrier';
import { attachInboundCall, inboundCallOf, type InboundCall } from '../inbound/inbound-call';
import { refuse } from '../inbound/refusal';
import { spiffeIdOfService, type ServiceTrust } from '../inbound/service-trust';
import { guardProbe } from './guard-probe';
import { httpArrival } from './http-arrival';
import { SERVICE_TRUST } from './service-trust.token';

/** R3: lets through the workloads that the handler's `@AllowCallers` names, and nobody when it names none. */
@Injectable()
export class CallerGuard implements CanActivate {
  readonly #trust: ServiceTrust;
  readonly #httpAdmission: Admission;
  readonly #ids = new Map<string, SpiffeId>();

  constructor(@Inject(SERVICE_TRUST) trust: ServiceTrust) {
    this.#trust = trust;
    this.#httpAdmission = new Admission(trust);
  }

  /** @throws ServiceError `PERMISSION_DENIED caller_not_allowed`; a refusal returned as false would become UNKNOWN */
  canActivate(context: ExecutionContext): true {
    const carrier = carrierOf(context);
    const probe = guardProbe(carrier);
    if (probe) throw probe;
    const call = this.#callOf(context, carrier);
    const [callers = []] = accessOf(context.getHandler()).callers;
    if (callers.some((service) => this.#idOf(service).equals(call.peer))) return true;
    throw refuse(this.#trust.events, call, {
      type: 'authorization',
      status: 'PERMISSION_DENIED',
      reason: 'caller_not_allowed',
      detail: `${call.peer.toString()} is not among: ${callers.join(', ')}`,
    });
  }

  /** An rpc was admitted by the server's interceptor, for unknown methods too; an HTTP request is admitted here. */
  #callOf(context: ExecutionContext, carrier: object): InboundCall {
    const admitted = inboundCallOf(carrier);
    if (admitted) return admitted;
    const request = httpRequestOf(context);
    if (!request) throw this.#foreignTransport(context);
    const call = this.#httpAdmission.admit(httpArrival(context, request));
    attachInboundCall(carrier, call);
    return call;
  }

  #foreignTransport(context: ExecutionContext) {
    const target = `${context.getClass().name}.${context.getHandler().name}`;
    return refuse(
      this.#trust.events,
      { target, correlationId: newCorrelationId(), peerAddress: undefined },
      { type: 'authentication', status: 'UNAUTHENTICATED', reason: 'peer_unknown' },
    );
  }

  #idOf(service: string): SpiffeId {
    let id = this.#ids.get(service);
    if (!id) {
      id = spiffeIdOfService(this.#trust.workload, service);
      this.#ids.set(service, id);
    }
    return id;
  }
}
