import { execFile, spawnSync } from 'node:child_process';
import { chmod, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const BALLAST = 'ballast';
const BLOCK = Buffer.alloc(1024 * 1024);

/** A small file system of its own in memory, that can be filled to the last byte without hurting anybody else. */
export class SmallDisk {
  readonly #unmountAtExit = (): void => void spawnSync('umount', ['-l', this.path]);

  private constructor(readonly path: string) {
    process.prependOnceListener('exit', this.#unmountAtExit);
  }

  /** Undefined where this process may not mount. */
  static async mount(path: string, megabytes: number): Promise<SmallDisk | undefined> {
    if (process.getuid?.() !== 0 || process.platform !== 'linux') return undefined;
    await mkdir(path, { recursive: true });
    try {
      const options = `size=${megabytes}m,mode=0755,nodev,nosuid,noexec`;
      await run('mount', ['-t', 'tmpfs', '-o', options, 'sallyport-chaos', path]);
    } catch {
      return undefined;
    }
    await chmod(path, 0o711);
    return new SmallDisk(path);
  }

  /** Until nothing fits any more. */
  async fill(): Promise<void> {
    const ballast = await open(join(this.path, BALLAST), 'a');
    try {
      for (let block = BLOCK; block.length > 0;) {
        const written = await ballast.write(block).then(
          ({ bytesWritten }) => bytesWritten,
          (error: unknown) => {
            if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return 0;
            throw error;
          },
        );
        if (written === 0) block = block.subarray(0, Math.floor(block.length / 2));
      }
    } finally {
      await ballast.close();
    }
  }

  async free(): Promise<void> {
    await rm(join(this.path, BALLAST), { force: true });
  }

  async unmount(): Promise<void> {
    process.removeListener('exit', this.#unmountAtExit);
    await this.free();
    await run('umount', ['-l', this.path]);
  }
}
