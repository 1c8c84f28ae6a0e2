import { Counter, Gauge, type Registry } from 'prom-client';

/** How the chain keeps up with what happens. */
export class AuditMetrics {
  readonly appended: Counter;
  readonly lost: Counter;

  /** @param waiting how many events wait at the moment */
  constructor(registry: Registry, waiting: () => number) {
    const registers = [registry];
    this.appended = new Counter({
      name: 'sallyport_audit_events_appended_total',
      help: 'Security events appended to the chain.',
      registers,
    });
    this.lost = new Counter({
      name: 'sallyport_audit_events_lost_total',
      help: 'Security events that are in the log alone, because the chain could not take them.',
      registers,
    });
    new Gauge({
      name: 'sallyport_audit_events_waiting',
      help: 'Security events that wait to be appended to the chain.',
      registers,
      collect() {
        this.set(waiting());
      },
    });
  }
}
