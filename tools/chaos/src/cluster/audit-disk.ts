import { chown, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { SmallDisk } from './small-disk';

const TABLESPACE = 'chaos_audit';

/** The audit log of every service on a disk of its own, which can then be full while the rest is not. */
export const AuditDisk = {
  /** Undefined where this process may not mount. @param owner a file of the user the database server runs as */
  async move(
    adminUrl: string,
    { folder, megabytes, owner }: { folder: string; megabytes: number; owner: string },
  ): Promise<SmallDisk | undefined> {
    const disk = await SmallDisk.mount(folder, megabytes);
    if (disk === undefined) return undefined;
    const location = join(folder, 'tablespace');
    await mkdir(location, { mode: 0o700 });
    const { uid, gid } = await stat(owner);
    await chown(location, uid, gid);
    const databases = await ask(adminUrl, [
      `CREATE TABLESPACE ${TABLESPACE} LOCATION '${location}'`,
    ]).then(() =>
      ask(adminUrl, ["SELECT datname AS name FROM pg_database WHERE datname LIKE 'sallyport_%'"]),
    );
    for (const name of databases) await moveAudit(adminUrl, name);
    return disk;
  },
};

async function moveAudit(adminUrl: string, database: string): Promise<void> {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  const indexes = await ask(url.href, [
    "SELECT indexname AS name FROM pg_indexes WHERE tablename = 'security_events' AND schemaname = 'public'",
  ]);
  await ask(url.href, [
    `ALTER TABLE security_events SET TABLESPACE ${TABLESPACE}`,
    ...indexes.map((name) => `ALTER INDEX ${name} SET TABLESPACE ${TABLESPACE}`),
  ]);
}

/** Runs statements one by one; gives the names the last one found. */
async function ask(url: string, statements: readonly string[]): Promise<readonly string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    let names: readonly string[] = [];
    for (const statement of statements) {
      const { rows } = await client.query<{ name: string }>(statement);
      names = rows.map(({ name }) => name);
    }
    return names;
  } finally {
    await client.end();
  }
}
