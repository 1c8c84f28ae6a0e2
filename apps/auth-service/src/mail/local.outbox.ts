import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Files kept; older ones are removed. */
const MOST_MESSAGES = 200;
const FILE_NAME = /^\d{4}-[\w-]+\.txt$/;

/** A folder of messages that are kept instead of being sent, one file each, for people who try the system on their machine. */
export class LocalOutbox {
  constructor(
    private readonly folder: string,
    private readonly clock: () => Date,
  ) {}

  /** @param head lines before the text, of which `Date` is added as the last */
  async keep(id: string, head: Readonly<Record<string, string>>, text: string): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await chmod(this.folder, 0o700);
    const at = this.clock();
    const name = `${at.toISOString().replace(/\W/g, '-')}${id}`;
    const lines = Object.entries({ ...head, Date: at.toUTCString() });
    const content = `${lines.map(([field, value]) => `${field}: ${value}\n`).join('')}\n${text}`;
    // Whoever looks into the folder finds whole files only.
    await writeFile(join(this.folder, name), content, { mode: 0o600 });
    await rename(join(this.folder, name), join(this.folder, `${name}.txt`));
    const names = await this.names();
    for (const old of names.slice(0, -MOST_MESSAGES))
      await rm(join(this.folder, old), { force: true });
  }

  /** The last ones, the newest last. */
  async last(count: number): Promise<readonly string[]> {
    const names = (await this.names()).slice(-count);
    return Promise.all(names.map((name) => readFile(join(this.folder, name), 'utf8')));
  }

  private async names(): Promise<readonly string[]> {
    const names = await readdir(this.folder).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    });
    return names.filter((name) => FILE_NAME.test(name)).sort();
  }
}
