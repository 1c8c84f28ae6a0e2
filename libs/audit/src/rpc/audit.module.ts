import { Module, type DynamicModule } from '@nestjs/common';
import type { ReadsSecurityEvents } from '../store/security-event-log';
import { AuditController, SECURITY_EVENT_LOG } from './audit.controller';

/** Serves the security events of the service it is imported in. */
@Module({ controllers: [AuditController] })
export class AuditModule {
  static over(log: ReadsSecurityEvents): DynamicModule {
    return { module: AuditModule, providers: [{ provide: SECURITY_EVENT_LOG, useValue: log }] };
  }
}
