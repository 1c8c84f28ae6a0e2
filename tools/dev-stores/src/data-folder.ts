import { lstatSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { chmod, chown, mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DataFolderError } from './data-folder.error';
import { errorCode, errorText } from './error-text';
import type { RunningProcess } from './process/running-process';
import { isRoot } from './process/server-user';

const MARK = 'sallyport-store.json';

/** Who started the server that works on the folder, and the port it was given. */
export interface LaunchRecord {
  readonly launcherPid: number;
  readonly port: number;
}

/**
 * A folder that holds one local store: the data, and beside it what is needed to start it again.
 *
 * A mark in it says of which kind the store is, so that no other folder is ever taken for one.
 */
export class DataFolder {
  private constructor(
    readonly path: string,
    private readonly kind: string,
  ) {}

  /**
   * Opens the folder, and makes it first where there is none.
   *
   * @throws DataFolderError when it cannot be made, read or written, or holds something else.
   */
  static async open(path: string, kind: 'postgres' | 'redis'): Promise<DataFolder> {
    const folder = new DataFolder(resolve(path), kind);
    await folder.trying('cannot be used', async () => {
      await mkdir(folder.path, { recursive: true });
      const present = await readdir(folder.path);
      if (present.includes(MARK)) {
        await folder.checkMark();
      } else if (present.length === 0) {
        // The server, which may run as another user, passes through; only the owner lists it.
        await chmod(folder.path, 0o711);
        await folder.write(MARK, JSON.stringify({ kind }));
      } else {
        throw new DataFolderError(
          folder.path,
          'is not empty and holds no data of this system; name another folder, or empty this one',
        );
      }
    });
    return folder;
  }

  /** What is at this place inside the folder, if anything. */
  find(name: string): Stats | undefined {
    return lstatSync(join(this.path, name), { throwIfNoEntry: false });
  }

  /** The text of a file inside the folder; undefined when there is no such file. */
  async read(name: string): Promise<string | undefined> {
    return this.trying(`${name} cannot be read`, async () => {
      try {
        return await readFile(join(this.path, name), 'utf8');
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return undefined;
        throw error;
      }
    });
  }

  /** Puts a file of mode 0600 into the folder in one step. */
  async write(name: string, text: string): Promise<void> {
    await this.trying(`${name} cannot be written`, async () => {
      const unfinished = join(this.path, `${name}.${process.pid}.new`);
      await writeFile(unfinished, text, { mode: 0o600 });
      // A start as root leaves nothing behind that the folder's owner could not read on the next one.
      const { uid, gid } = lstatSync(this.path);
      if (isRoot()) await chown(unfinished, uid, gid);
      await rename(unfinished, join(this.path, name));
    });
  }

  /** Remembers that this process is about to start a server on the folder. */
  async recordLaunch(port: number): Promise<void> {
    const record: LaunchRecord = { launcherPid: process.pid, port };
    await this.write('launch.json', JSON.stringify(record));
  }

  /** The latest launch on the folder, whether or not its server still runs. */
  async latestLaunch(): Promise<LaunchRecord | undefined> {
    const record = parseObject((await this.read('launch.json')) ?? '');
    const { launcherPid, port } = record ?? {};
    return typeof launcherPid === 'number' && typeof port === 'number'
      ? { launcherPid, port }
      : undefined;
  }

  /**
   * Makes sure that a server found running on the folder is an orphan: the process that launched it is
   * its parent for as long as that lives, and its process id being used again changes nothing about it.
   *
   * @throws DataFolderError when its launcher is alive.
   */
  async refuseIfLaunched(server: RunningProcess): Promise<void> {
    if ((await this.latestLaunch())?.launcherPid === server.parentPid) {
      throw new DataFolderError(
        this.path,
        `is in use by process ${server.parentPid}; stop it first`,
      );
    }
  }

  /** Runs a step on the folder, so that its failure names the folder. */
  async trying<Result>(problem: string, step: () => Promise<Result>): Promise<Result> {
    try {
      return await step();
    } catch (error) {
      if (error instanceof DataFolderError) throw error;
      throw new DataFolderError(this.path, `${problem} (${errorText(error)})`, { cause: error });
    }
  }

  private async checkMark(): Promise<void> {
    const mark = parseObject(await readFile(join(this.path, MARK), 'utf8'));
    if (mark?.['kind'] === this.kind) return;
    throw new DataFolderError(
      this.path,
      `${MARK} does not say that the folder holds ${this.kind} data; name another folder`,
    );
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
