import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LaunchError } from '../cluster/launch-error';
import { REPOSITORY } from '../cluster/repository';

const run = promisify(execFile);

/** A container as it is reached from the Docker host. */
export interface ContainerNetworks {
  /** @param network as docker-compose.yml names it. @throws LaunchError when the container is not in it */
  addressIn(network: string): string;
  /** The Docker host's own address there. @throws LaunchError when the container is not in it */
  hostIn(network: string): string;
}

/** `docker compose` for the cluster of docker-compose.yml and one file over it. */
export class DockerCompose {
  /** How every command begins, for whoever runs one later from another folder. */
  readonly command: readonly string[];

  constructor(override: string) {
    const file = join(REPOSITORY, 'docker-compose.yml');
    this.command = ['docker', 'compose', '--file', file, '--file', override];
  }

  /** Shows its output as it comes. @throws LaunchError when it fails */
  async show(...words: readonly string[]): Promise<void> {
    const [program = '', ...before] = this.command;
    const child = spawn(program, [...before, ...words], { stdio: 'inherit' });
    const [code] = (await once(child, 'exit').catch(unusable)) as [number | null];
    if (code !== 0) throw failed(words);
  }

  /** @throws LaunchError when it fails */
  async copy(service: string, path: string, to: string): Promise<void> {
    await this.#run('cp', '--', `${service}:${path}`, to);
  }

  /** @throws LaunchError when there is no such container */
  async containerOf(service: string): Promise<string> {
    return (await this.#run('ps', '--quiet', service)).trim();
  }

  /** @throws LaunchError when there is no such container */
  async networksOf(service: string): Promise<ContainerNetworks> {
    const id = await this.containerOf(service);
    const { stdout } = await run('docker', ['inspect', '--type=container', id]).catch(unusable);
    const [container] = JSON.parse(stdout) as Inspected[];
    const find = (network: string) => {
      const label = `${container?.Config.Labels['com.docker.compose.project'] ?? ''}_${network}`;
      const found = container?.NetworkSettings.Networks[label];
      if (found) return found;
      throw new LaunchError('compose_unusable', `${service} is not in the network ${network}`);
    };
    return {
      addressIn: (network) => find(network).IPAddress,
      hostIn: (network) => find(network).Gateway,
    };
  }

  async #run(...words: readonly string[]): Promise<string> {
    const [program = '', ...before] = this.command;
    const { stdout } = await run(program, [...before, ...words]).catch(unusable);
    return stdout;
  }
}

/** Of `docker inspect`. */
interface Inspected {
  readonly Config: { readonly Labels: Readonly<Record<string, string>> };
  readonly NetworkSettings: {
    readonly Networks: Readonly<
      Record<string, { readonly IPAddress: string; readonly Gateway: string }>
    >;
  };
}

function failed(words: readonly string[]): LaunchError {
  return new LaunchError('compose_unusable', `docker compose ${words.join(' ')} failed`);
}

function unusable(cause: unknown): never {
  const { stderr, message } = cause as { readonly stderr?: string; readonly message: string };
  throw new LaunchError('compose_unusable', stderr?.trim() || message, { cause });
}
