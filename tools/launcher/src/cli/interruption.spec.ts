import { EventEmitter } from 'node:events';
import { listenForInterruption } from './interruption';
import type { Interruption } from './interruption';

describe('listenForInterruption', () => {
  let source: EventEmitter;
  let now: number;
  let repeated: number;
  let interruption: Interruption;

  beforeEach(() => {
    source = new EventEmitter();
    now = 0;
    repeated = 0;
    interruption = listenForInterruption({
      source,
      now: () => now,
      onRepeated: () => {
        repeated += 1;
      },
    });
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('is requested by %s', async (signal) => {
    expect(interruption.signal.aborted).toBe(false);

    source.emit(signal);

    await interruption.requested;
    expect(interruption.signal.aborted).toBe(true);
  });

  it('takes one Ctrl-C that arrives twice at once for one', () => {
    source.emit('SIGINT');
    now = 999;
    source.emit('SIGINT');

    expect(repeated).toBe(0);
  });

  it('takes a Ctrl-C a second later for a repeated one', () => {
    source.emit('SIGINT');
    now = 1_000;
    source.emit('SIGINT');

    expect(repeated).toBe(1);
  });

  it('lets go of the signals', () => {
    interruption.stopListening();

    expect(source.eventNames()).toEqual([]);
  });
});
