import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MailSender, OutgoingMail } from './mail-sender';

/** Files kept; older ones are removed. */
const MOST_MAILS = 200;
const FILE_NAME = /^\d{4}-[\w-]+\.txt$/;

/**
 * Keeps mail in a folder instead of sending it, one file each, for people who try the system on their machine
 * (`npm run outbox`). The files hold secrets in clear: never for production.
 */
export class LocalMailSender implements MailSender {
  constructor(
    private readonly folder: string,
    private readonly clock: () => Date,
  ) {}

  async send({ id, to, subject, text }: OutgoingMail): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await chmod(this.folder, 0o700);
    const at = this.clock();
    const name = `${at.toISOString().replace(/\W/g, '-')}${id}`;
    const content = `To: ${to}\nSubject: ${subject}\nDate: ${at.toUTCString()}\n\n${text}`;
    // Whoever looks into the folder finds whole files only.
    await writeFile(join(this.folder, name), content, { mode: 0o600 });
    await rename(join(this.folder, name), join(this.folder, `${name}.txt`));
    const names = await this.names();
    for (const old of names.slice(0, -MOST_MAILS))
      await rm(join(this.folder, old), { force: true });
  }

  /** The last mails, the newest last. */
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
