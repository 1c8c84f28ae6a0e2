import { Controller, Inject } from '@nestjs/common';
import { auditV1 } from '@sallyport/contracts';
import { AllowCallers, RequireScopes, RpcMethod } from '@sallyport/nest-zero-trust';
import type { ReadsSecurityEvents } from '../store/security-event-log';
import { answerList } from './answer-list';

export const SECURITY_EVENT_LOG = Symbol('SecurityEventLog');

/** sallyport.audit.v1.AuditService on the wire, of whichever service it stands in. */
@Controller()
export class AuditController {
  constructor(@Inject(SECURITY_EVENT_LOG) private readonly log: ReadsSecurityEvents) {}

  @RpcMethod(auditV1.AuditServiceDefinition, 'listSecurityEvents')
  @AllowCallers('gateway')
  @RequireScopes('audit:read')
  list(request: auditV1.ListSecurityEventsRequest): Promise<auditV1.ListSecurityEventsResponse> {
    return answerList(this.log, request);
  }
}
