import { Counter, type Registry } from 'prom-client';
import { BoundedLabel } from './bounded-label';
import { DecisionMetrics } from './decision-metrics';
import type { Logger } from './logger';

/** What a security event is about. */
export type SecurityEventType =
  | 'account'
  | 'api_key'
  | 'audit'
  | 'authentication'
  | 'authorization'
  | 'client'
  | 'invoice'
  | 'partner'
  | 'request'
  | 'session'
  | 'signing_key'
  | 'token'
  | 'transport';

/** One decision that security staff want to see: who, what, outcome, reason. Never contains a credential. */
export interface SecurityEvent {
  readonly type: SecurityEventType;
  readonly outcome: 'refused' | 'succeeded';
  /** Stable reason id from a closed vocabulary, e.g. `token_expired`; a label of a metric. */
  readonly reason: string;
  readonly correlationId?: string | undefined;
  /** SPIFFE ID of the calling workload. */
  readonly caller?: string | undefined;
  /** Id of the verified principal. */
  readonly principal?: string | undefined;
  /** Id of the session it is about. */
  readonly session?: string | undefined;
  /** Id of the API key it is about; not the key. */
  readonly apiKeyId?: string | undefined;
  /** `x5t#S256` of the partner's certificate it is about (RFC 8705 section 3.1). */
  readonly certificate?: string | undefined;
  /** The route template or rpc method. */
  readonly target?: string | undefined;
  readonly clientAddress?: string | undefined;
  /** Of a connection that never named anything else; tells clients behind one address apart (RFC 6302). */
  readonly clientPort?: number | undefined;
}

/** Takes security events; never throws. */
export interface SecurityEvents {
  record(event: SecurityEvent): void;
}

const MOST_REASONS = 512;

/** Writes a line `{"event":"security",…}` for each event, refusals at level warn, and counts them by reason; a refusal is a decision as well. */
export class LoggedSecurityEvents implements SecurityEvents {
  readonly #logger: Logger;
  readonly #counter: Counter<'type' | 'outcome' | 'reason'>;
  readonly #reasons = new BoundedLabel(MOST_REASONS);
  readonly #decisions: DecisionMetrics;

  constructor({ logger, registry }: { readonly logger: Logger; readonly registry: Registry }) {
    this.#logger = logger;
    this.#decisions = DecisionMetrics.of(registry);
    this.#counter = new Counter({
      name: 'sallyport_security_events_total',
      help: 'Security events by type, outcome and reason.',
      labelNames: ['type', 'outcome', 'reason'],
      registers: [registry],
    });
  }

  record(event: SecurityEvent): void {
    const { type, outcome, reason } = event;
    this.#counter.inc({ type, outcome, reason: this.#reasons.of(reason) });
    if (outcome === 'refused') this.#decisions.refuse(type, reason);
    this.#logger[outcome === 'refused' ? 'warn' : 'info']({ event: 'security', ...event });
  }
}
