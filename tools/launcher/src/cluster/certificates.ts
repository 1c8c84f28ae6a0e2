import { DevCa } from '@sallyport/dev-ca';
import { lineOf, orLaunchError } from './launch-error';
import { SERVICE_NAMES } from './listeners';
import type { Teardown } from './teardown';

/** Of leaves that live shorter than those of every day, which are looked at often enough anyway. */
const LOOKS_IN_A_LIFE = 20;

interface Surroundings {
  readonly teardown: Teardown;
  readonly report: (line: string) => void;
}

/**
 * Sees to it that every service and the public address have a sound certificate, and keeps them
 * renewed for as long as the cluster runs.
 *
 * @returns the services whose certificate was issued anew, because it was missing, of another authority, or due
 *
 * @throws LaunchError `certificates_unusable`
 */
export function openCertificates(
  folder: string,
  leafLifetimeSeconds: number | undefined,
  { teardown, report }: Surroundings,
): Promise<readonly string[]> {
  return orLaunchError('certificates_unusable', '', async () => {
    const ca = await DevCa.open(folder, {
      ...(leafLifetimeSeconds !== undefined && { leafLifetimeSeconds }),
    });
    const issued = await ca.ensureAll({ services: SERVICE_NAMES });
    const rotation = ca.startRotation({
      services: SERVICE_NAMES,
      ...(leafLifetimeSeconds !== undefined && {
        intervalMs: (leafLifetimeSeconds * 1000) / LOOKS_IN_A_LIFE,
      }),
      onError: (cause) => {
        report(`certificates were not renewed: ${lineOf(cause)}`);
      },
    });
    teardown.push('certificate renewal', () => rotation.stop());
    return issued;
  });
}
