import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { ClusterOptions } from '../cluster/cluster';
import { LaunchError } from '../cluster/launch-error';
import { SERVICE_NAMES } from '../cluster/listeners';

const content = z.partialRecord(z.enum(SERVICE_NAMES), z.record(z.string(), z.string()));

/**
 * Reads environment variables of single services: `{"gateway": {"RATE_LIMIT_SCALE": "2"}}`. What they may be each service
 * says itself when it starts.
 *
 * @throws LaunchError `settings_unusable`
 */
export function readServiceSettings(file: string): NonNullable<ClusterOptions['serviceSettings']> {
  try {
    return content.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    const expected = 'expected {"SERVICE": {"VARIABLE": "value"}} in JSON';
    throw new LaunchError('settings_unusable', `SALLYPORT_SETTINGS: ${file}: ${expected}`, {
      cause,
    });
  }
}
