import { correlationId } from '@sallyport/observability';
import type { SecurityEvent, SecurityEvents } from '@sallyport/observability';

/** Adds the id of the call being handled, so that services need not know of calls. */
export class CorrelatedSecurityEvents implements SecurityEvents {
  constructor(private readonly events: SecurityEvents) {}

  record(event: SecurityEvent): void {
    this.events.record({ correlationId: correlationId(), ...event });
  }
}
