/**
 * Loaded before a service (`node --require`): shifts what `Date` says by the milliseconds in a file, which may change
 * at any time, as when a clock is set. Timers go on as they are, as they do on a machine. OpenSSL asks the machine
 * itself, so that a handshake sees the real time.
 */
import { readFileSync } from 'node:fs';

const file = process.env['CHAOS_CLOCK_FILE'];
const LOOK_EVERY_MS = 100;

if (file !== undefined) {
  const RealDate = Date;
  let offsetMs = 0;
  const now = (): number => RealDate.now() + offsetMs;
  const look = (): void => {
    try {
      offsetMs = Number(readFileSync(file, 'utf8')) || 0;
    } catch {
      offsetMs = 0;
    }
  };
  look();
  setInterval(look, LOOK_EVERY_MS).unref();
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given: unknown[], newTarget) =>
      Reflect.construct(
        target,
        given.length === 0 ? [now()] : given,
        newTarget === globalThis.Date ? target : newTarget,
      ) as object,
    apply: () => new RealDate(now()).toString(),
    get: (target, name, receiver) =>
      name === 'now' ? now : (Reflect.get(target, name, receiver) as unknown),
  });
}
