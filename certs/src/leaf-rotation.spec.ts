import { setTimeout as delay } from 'node:timers/promises';
import { LeafRotation, type CertificateHolders, type LeafRotationOptions } from './leaf-rotation';

interface Look {
  readonly services: readonly string[];
  readonly jitter: readonly number[];
}

describe('LeafRotation', () => {
  let looks: Look[];
  let due: readonly string[];

  beforeEach(() => {
    looks = [];
    due = [];
  });

  const rotationWith = (options: Partial<LeafRotationOptions>): LeafRotation => {
    const certificates = {
      async renewDue({ services }: CertificateHolders, jitterOf: (service: string) => number) {
        looks.push({ services, jitter: services.map(jitterOf) });
        return due;
      },
    };
    return new LeafRotation(certificates, { services: ['a', 'b'], random: () => 0.5, ...options });
  };

  it('reports a failure and looks again', async () => {
    const errors: Error[] = [];
    const failing = {
      renewDue: () => Promise.reject(new Error('no space is left')),
    };
    const onError = (error: Error): void => void errors.push(error);
    const rotation = new LeafRotation(failing, { services: [], random: Math.random, onError });
    await rotation.renewDue();
    await rotation.renewDue();
    expect(errors.map(({ message }) => message)).toEqual(['no space is left', 'no space is left']);
  });

  it('shares a look that is under way', async () => {
    const rotation = rotationWith({});
    await Promise.all([rotation.renewDue(), rotation.renewDue()]);
    expect(looks).toHaveLength(1);
  });

  it('draws each jitter within ±10 %, once for each certificate', async () => {
    const draws = [0, 0.9999, 0.25, 0.5];
    const rotated: string[] = [];
    const rotation = rotationWith({
      random: () => draws.shift() ?? 0.5,
      onRotated: (service) => void rotated.push(service),
    });
    await rotation.renewDue();
    due = ['b'];
    await rotation.renewDue();
    due = [];
    await rotation.renewDue();
    expect(looks[0]?.jitter).toEqual([0.9, expect.closeTo(1.1, 3)]);
    expect(looks[1]?.jitter).toEqual(looks[0]?.jitter);
    expect(looks[2]?.jitter).toEqual([0.9, 0.95]);
    expect(rotated).toEqual(['b']);
  });

  it('looks at intervals until it is stopped', async () => {
    const rotation = rotationWith({ intervalMs: 10 });
    rotation.start();
    // The file's time limit ends a rotation that looks only once.
    while (looks.length < 2) await delay(5);
    await rotation.stop();
    const count = looks.length;
    await delay(50);
    expect(looks).toHaveLength(count);
  });
});
