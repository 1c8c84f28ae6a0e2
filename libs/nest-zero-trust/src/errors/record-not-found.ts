import type { ArgumentsHost } from '@nestjs/common';
import type { SecurityEvents } from '@sallyport/observability';
import { carrierOf } from '../inbound/carrier';
import { inboundCallOf } from '../inbound/inbound-call';
import { attachedPrincipal } from '../inbound/principals';
import { refuse } from '../inbound/refusal';

/**
 * Leaves one security event when a principal asks by id for what it does not have. What belongs to
 * somebody else and what does not exist are recorded alike, because they are answered alike: a row of
 * such events is somebody trying ids (OWASP API1:2023, broken object level authorization).
 */
export function recordNotFound(events: SecurityEvents, host: ArgumentsHost, reason: string): void {
  const carrier = carrierOf(host);
  const call = inboundCallOf(carrier);
  const principal = attachedPrincipal(carrier)?.id;
  if (call === undefined || principal === undefined) return;
  refuse(events, call, { type: 'authorization', status: 'NOT_FOUND', reason, principal });
}
