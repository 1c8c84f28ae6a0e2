import { setImmediate } from 'node:timers/promises';
import { BoundedWork } from './bounded-work';

class HeldWork {
  readonly started: string[] = [];
  readonly #release = new Map<string, () => void>();

  named(name: string): () => Promise<string> {
    return async () => {
      this.started.push(name);
      await new Promise<void>((resolve) => this.#release.set(name, resolve));
      return name;
    };
  }

  async finish(name: string): Promise<void> {
    this.#release.get(name)?.();
    await setImmediate();
  }
}

describe('BoundedWork', () => {
  it('refuses work when nothing more may wait, without starting it', async () => {
    const held = new HeldWork();
    const bounded = new BoundedWork({ running: 1, waiting: 1 });
    const first = bounded.run(held.named('first'));
    const second = bounded.run(held.named('second'));

    await expect(bounded.run(held.named('third'))).rejects.toMatchObject({
      status: 'RESOURCE_EXHAUSTED',
      reason: 'server_busy',
    });

    await held.finish('first');
    await held.finish('second');
    expect(await Promise.all([first, second])).toEqual(['first', 'second']);
    expect(held.started).toEqual(['first', 'second']);
  });

  it('runs as much at a time as allowed, then whoever waited longest', async () => {
    const held = new HeldWork();
    const bounded = new BoundedWork({ running: 2, waiting: 10 });
    const all = ['a', 'b', 'c', 'd'].map((name) => bounded.run(held.named(name)));
    await setImmediate();
    expect(held.started).toEqual(['a', 'b']);

    await held.finish('b');
    expect(held.started).toEqual(['a', 'b', 'c']);
    await held.finish('a');
    expect(held.started).toEqual(['a', 'b', 'c', 'd']);

    await held.finish('c');
    await held.finish('d');
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('gives a place back when the work fails', async () => {
    const bounded = new BoundedWork({ running: 1, waiting: 0 });
    await expect(bounded.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    await expect(bounded.run(() => Promise.resolve('done'))).resolves.toBe('done');
  });
});
