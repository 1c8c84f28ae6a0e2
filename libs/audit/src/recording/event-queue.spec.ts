import { refusal } from '../audit.fixture';
import { EventQueue } from './event-queue';

const AT = new Date('2026-11-26T10:00:00Z');
const LATER = new Date('2026-11-26T10:00:01Z');
const success = { ...refusal('key_tainted'), outcome: 'succeeded' } as const;

describe('EventQueue', () => {
  it('drops the newest beyond its capacity, and says how many and since when', () => {
    const queue = new EventQueue({ events: 2, reserved: 0 });
    expect([queue.push(refusal('a'), AT), queue.push(refusal('b'), AT)]).toEqual([true, true]);
    expect([queue.push(refusal('c'), LATER), queue.push(refusal('d'), AT)]).toEqual([false, false]);
    const a = { event: refusal('a'), recordedAt: AT };
    const b = { event: refusal('b'), recordedAt: AT };
    expect(queue.take(5)).toEqual([a, b, { lost: 2, since: LATER }]);
    expect(queue.length).toBe(0);
  });

  it('counts anew once the gap has been taken', () => {
    const queue = new EventQueue({ events: 1, reserved: 0 });
    for (const reason of ['a', 'b']) queue.push(refusal(reason), AT);
    queue.take(1);
    queue.push(refusal('c'), AT);
    expect(queue.take(1)).toEqual([{ lost: 2, since: AT }]);
    queue.push(refusal('d'), AT);
    queue.push(refusal('e'), AT);
    expect(queue.take(3)).toMatchObject([{ event: { reason: 'd' } }, { lost: 1 }]);
  });

  it('keeps places that a flood of refusals does not get', () => {
    const queue = new EventQueue({ events: 3, reserved: 1 });
    for (const reason of ['a', 'b', 'c', 'd']) queue.push(refusal(reason), AT);
    expect(queue.take(3)).toMatchObject([
      { event: { reason: 'a' } },
      { event: { reason: 'b' } },
      { lost: 2 },
    ]);
    for (const reason of ['a', 'b']) queue.push(refusal(reason), AT);
    expect(queue.push(success, AT)).toBe(true);
    expect(queue.push(success, AT)).toBe(false);
  });
});
