import { setImmediate as turn } from 'node:timers/promises';
import { startWhole, type Opened } from './start-whole';

describe('startWhole', () => {
  const failure = new Error('the third step');
  let closed: string[];
  beforeEach(() => {
    closed = [];
  });

  const keep = (opened: Opened, name: string) =>
    opened.keep({
      name,
      close: async () => {
        await turn();
        closed.push(name);
      },
    });
  const keepStuck = (opened: Opened, closing: () => Promise<unknown>) =>
    opened.keep({ close: closing });

  it('closes what the steps before a failing one opened, the last first, and says what failed', async () => {
    const started = startWhole(async (opened) => {
      keep(opened, 'first');
      keep(opened, 'second');
      await turn();
      throw failure;
    });
    await expect(started).rejects.toBe(failure);
    expect(closed).toEqual(['second', 'first']);
  });

  it('closes the rest when one of them cannot be closed', async () => {
    const started = startWhole(async (opened) => {
      keep(opened, 'first');
      keepStuck(opened, () => Promise.reject(new Error('stuck')));
      throw failure;
    });
    await expect(started).rejects.toBe(failure);
    expect(closed).toEqual(['first']);
  });

  it('says what failed even when closing never ends', async () => {
    const started = startWhole(async (opened) => {
      keepStuck(opened, () => new Promise(() => undefined));
      throw failure;
    }, 20);
    await expect(started).rejects.toBe(failure);
  });

  it('leaves open what has started, until it is closed: the last first, and once', async () => {
    const service = await startWhole(async (opened) => ({ part: keep(opened, 'listener').name }));
    expect([service.part, closed]).toEqual(['listener', []]);
    await service.close();
    await service.close();
    expect(closed).toEqual(['listener']);
  });

  it('tells why a service could not be closed, after all has been tried', async () => {
    const service = await startWhole(async (opened) => {
      keep(opened, 'first');
      keepStuck(opened, () => Promise.reject(new Error('stuck')));
      keep(opened, 'third');
      return {};
    });
    await expect(service.close()).rejects.toThrow('stuck');
    expect(closed).toEqual(['third', 'first']);
  });
});
