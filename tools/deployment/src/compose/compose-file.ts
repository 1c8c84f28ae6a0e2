import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const REPOSITORY = join(__dirname, '..', '..', '..', '..');

/** What the checks look at of a service; a part that is not there is undefined. */
export interface ComposeService {
  readonly image?: string;
  readonly build?: unknown;
  readonly profiles?: readonly string[];
  readonly user?: string;
  readonly read_only?: boolean;
  readonly privileged?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly restart?: string;
  readonly network_mode?: string;
  readonly pid?: string;
  readonly ipc?: string;
  readonly devices?: readonly unknown[];
  readonly environment?: Readonly<Record<string, string | number | null>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly (string | MountedVolume)[];
  readonly networks?: readonly string[] | Readonly<Record<string, unknown>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly disable?: boolean; readonly test?: readonly string[] };
  readonly deploy?: { readonly resources?: { readonly limits?: Limits } };
}

export interface Limits {
  readonly cpus?: string;
  readonly memory?: string;
  readonly pids?: number;
}

interface MountedVolume {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly read_only?: boolean;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** A volume or a file of the repository in a container. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly isReadOnly: boolean;
  /** Of the machine, instead of a named volume. */
  readonly isBind: boolean;
}

export function readComposeFile(file = 'docker-compose.yml'): ComposeFile {
  return parse(readFileSync(join(REPOSITORY, file), 'utf8'), {
    merge: true,
    maxAliasCount: -1,
  }) as ComposeFile;
}

export function networksOf({ networks = [] }: ComposeService): readonly string[] {
  return Array.isArray(networks) ? (networks as readonly string[]) : Object.keys(networks);
}

export function mountsOf({ volumes = [] }: ComposeService): readonly Mount[] {
  return volumes.map((volume) => {
    if (typeof volume !== 'string') {
      const { source, target, read_only: isReadOnly = false, type } = volume;
      return { source, target, isReadOnly, isBind: type === 'bind' };
    }
    const [source = '', target = '', mode = ''] = volume.split(':');
    const isReadOnly = mode.split(',').includes('ro');
    return { source, target, isReadOnly, isBind: /^[./~]/.test(source) };
  });
}

/** What is there unless the environment says otherwise: `${NAME:-this}`. */
export function byDefault(text: string): string {
  return text.replace(
    /\$\{\w+(?::-([^}]*))?\}/g,
    (_whole, value: string | undefined) => value ?? '',
  );
}

/** The part a service plays: a second one of the profile `scale` plays that of the first. */
export function roleOf(service: string): string {
  return service.replace(/-2$/, '');
}
