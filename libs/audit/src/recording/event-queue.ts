import type { SecurityEvent } from '@sallyport/observability';

/** An event that waits for its place in the chain. */
export interface WaitingEvent {
  readonly event: SecurityEvent;
  readonly recordedAt: Date;
}

/** A place where events would stand that found no room. */
export interface Gap {
  readonly lost: number;
  readonly since: Date;
}

export interface QueueCapacity {
  /** Events that are kept waiting at most. */
  readonly events: number;
  /** Places that refusals do not get, so that a flood of them cannot hide what somebody achieved. */
  readonly reserved: number;
}

/** The security events that wait to be appended, in order; bounded, and where something was dropped it says so. */
export class EventQueue {
  readonly #waiting: (WaitingEvent | Gap)[] = [];
  #gap: { lost: number; since: Date } | undefined;

  constructor(private readonly capacity: QueueCapacity) {}

  get length(): number {
    return this.#waiting.length;
  }

  /** Whether there was room. */
  push(event: SecurityEvent, recordedAt: Date): boolean {
    const { events, reserved } = this.capacity;
    const room = event.outcome === 'refused' ? events - reserved : events;
    if (this.#waiting.length < room) {
      this.#waiting.push({ event, recordedAt });
      return true;
    }
    if (this.#gap === undefined) {
      this.#gap = { lost: 0, since: recordedAt };
      this.#waiting.push(this.#gap);
    }
    this.#gap.lost += 1;
    return false;
  }

  /** Takes the oldest out. */
  take(most: number): readonly (WaitingEvent | Gap)[] {
    const taken = this.#waiting.splice(0, most);
    if (this.#gap !== undefined && taken.includes(this.#gap)) this.#gap = undefined;
    return taken;
  }
}
