import { FakeClock } from './fake-clock';

describe('FakeClock', () => {
  it('refuses to start at no time', () => {
    expect(() => new FakeClock('tomorrow')).toThrow(TypeError);
  });

  it('stands still until it is moved', () => {
    const clock = new FakeClock('2030-01-01T00:00:00.500Z');
    const { now } = clock;
    expect(now()).toEqual(now());
    clock.advance({ seconds: 2, milliseconds: 250 });
    expect(now().toISOString()).toBe('2030-01-01T00:00:02.750Z');
    clock.advance({ seconds: -1 });
    expect(clock.epochSeconds).toBe(Date.parse('2030-01-01T00:00:01Z') / 1000);
  });

  it('cannot be moved through a date it gave', () => {
    const clock = new FakeClock();
    clock.now().setFullYear(1999);
    expect(clock.now().getUTCFullYear()).toBe(2030);
  });
});
