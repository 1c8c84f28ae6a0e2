import type { DevCaOptions } from '../dev-ca';
import { parseFileOwner, type FileOwner } from '../file-owner';
import type { CertificateHolders } from '../leaf-rotation';
import type { Store } from '../store-folder';
import { UsageError } from './usage';

const SHORTEST_LEAF_SECONDS = 10;
const LONGEST_LEAF_SECONDS = 86_400;

/** What the options of `init` and `keep` say. */
export interface HolderValues {
  readonly store: readonly string[];
  readonly 'public-name'?: readonly string[] | undefined;
  readonly owner: readonly string[];
  readonly 'leaf-seconds': string;
}

/** @throws {UsageError} */
export function parseHolders(
  services: readonly string[],
  values: HolderValues,
): CertificateHolders {
  return { services, stores: values.store.map(parseStore) };
}

/** @throws {UsageError} */
export function parseIssuing(values: HolderValues): DevCaOptions {
  const publicNames = values['public-name'];
  return {
    leafLifetimeSeconds: parseLeafSeconds(values['leaf-seconds']),
    owners: new Map(values.owner.map(parseOwner)),
    ...(publicNames && { publicNames }),
  };
}

function parseLeafSeconds(text: string): number {
  const seconds = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (seconds >= SHORTEST_LEAF_SECONDS && seconds <= LONGEST_LEAF_SECONDS) return seconds;
  throw new UsageError(
    `--leaf-seconds takes ${SHORTEST_LEAF_SECONDS} to ${LONGEST_LEAF_SECONDS}, not ${text}`,
  );
}

function parseStore(text: string): Store {
  const [name = '', hosts] = text.split('=', 2);
  return { name, ...(hosts !== undefined && { hosts: hosts.split(',') }) };
}

function parseOwner(text: string): [directory: string, owner: FileOwner] {
  const [directory = '', owner = ''] = text.split('=', 2);
  const parsed = parseFileOwner(owner);
  if (directory === '' || !parsed) {
    throw new UsageError(`--owner takes directory=UID:GID or directory=:GID, not ${text}`);
  }
  return [directory, parsed];
}
