import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** 256 bits in a form that goes into URLs and SQL as it is. */
export function randomPassword(): string {
  return randomBytes(32).toString('base64url');
}

/** A folder for each holder of secrets; each is a volume that its holder sees alone. */
export class SecretFolders {
  constructor(private readonly path: string) {}

  /** What a file holds; made and written first when there is none. */
  once(holder: string, name: string, make: () => string): string {
    const present = this.#read(holder, name);
    if (present !== undefined) return present;
    const made = make();
    this.write(holder, name, made);
    return made;
  }

  /** Replaces a file; a reader sees the old content or the new one. Only this user and its group may read it. */
  write(holder: string, name: string, content: string): void {
    const file = join(this.path, holder, name);
    mkdirSync(join(this.path, holder), { recursive: true });
    const temporary = `${file}.${randomBytes(4).toString('hex')}`;
    writeFileSync(temporary, content, { mode: 0o440, flag: 'wx' });
    renameSync(temporary, file);
  }

  /** An empty file is what an interrupted copy leaves, never a secret. */
  #read(holder: string, name: string): string | undefined {
    try {
      return readFileSync(join(this.path, holder, name), 'utf8').trim() || undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}
