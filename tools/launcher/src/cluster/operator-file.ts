import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { hasCode } from './error-code';
import { LaunchError } from './launch-error';
import { shownPath } from './shown-path';

/** The environment of auth-service, in which its operator commands run, or the databases to verify. Holds passwords. */
export type OperatorEnvironment = Readonly<Record<string, string>>;

const content = z.record(z.string(), z.string());

/** Writes the file, readable by its owner alone; whole or not at all. Resolves with what removes it. */
export function writeOperatorFile(
  file: string,
  environment: OperatorEnvironment,
): Promise<() => Promise<void>> {
  return writePrivateFile(file, environment);
}

/** The same of any content. */
export async function writePrivateFile(file: string, json: unknown): Promise<() => Promise<void>> {
  const draft = `${file}.draft`;
  await writeFile(draft, `${JSON.stringify(json, undefined, 2)}\n`, { mode: 0o600 });
  await rename(draft, file);
  return () => rm(file, { force: true });
}

/** @throws LaunchError `cluster_not_running` */
export async function readOperatorFile(file: string, home: string): Promise<OperatorEnvironment> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    if (!hasCode(cause, 'ENOENT')) throw cause;
    throw new LaunchError(
      'cluster_not_running',
      `no cluster runs in ${shownPath(home)}: start one with "npm start", or name its folder in SALLYPORT_HOME`,
    );
  });
  return content.parse(JSON.parse(text));
}
