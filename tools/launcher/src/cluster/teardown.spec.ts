import { Teardown } from './teardown';

describe('Teardown', () => {
  it('undoes in reverse order, past a step that fails', async () => {
    const done: string[] = [];
    const reported: string[] = [];
    const teardown = new Teardown((line) => reported.push(line));
    teardown.push('first', () => {
      done.push('first');
    });
    teardown.push('second', () => Promise.reject(new Error('stuck\nin detail')));
    teardown.push('third', () => {
      done.push('third');
    });

    await teardown.run();

    expect(done).toEqual(['third', 'first']);
    expect(reported).toEqual(['second did not stop cleanly: stuck']);
  });

  it('runs once, however often it is asked', async () => {
    let undone = 0;
    const teardown = new Teardown(() => undefined);
    teardown.push('only', () => {
      undone += 1;
    });

    await Promise.all([teardown.run(), teardown.run()]);
    await teardown.run();

    expect(undone).toBe(1);
  });
});
