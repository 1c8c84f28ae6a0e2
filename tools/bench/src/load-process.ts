import { startAndReadLine } from './child-line';
import type { LoadResult, LoadSettings } from './load';

/** Runs one round of load.ts to its end. */
export const runLoad = async (settings: LoadSettings): Promise<LoadResult> => {
  const { child, line } = await startAndReadLine('load.js', settings);
  if (child.exitCode === null) {
    await new Promise((resolve) => child.once('exit', resolve));
  }
  return JSON.parse(line) as LoadResult;
};
