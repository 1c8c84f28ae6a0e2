import {
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomically, writeFilesTogether } from './write-files';

const both = (content: string): Record<string, { content: string; mode: number }> => ({
  'tls.crt': { content, mode: 0o644 },
  'tls.key': { content, mode: 0o600 },
});

describe('writing files', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'write-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const read = (file: string): Promise<string> => readFile(join(directory, file), 'utf8');

  it('never shows a reader files of two versions', async () => {
    await writeFilesTogether(directory, both('0'));
    let writing = true;
    const reader = async (): Promise<number> => {
      let seen = 0;
      while (writing) {
        const version = await realpath(join(directory, '..data'));
        const certificate = await readFile(join(version, 'tls.crt'), 'utf8');
        expect(await readFile(join(version, 'tls.key'), 'utf8')).toBe(certificate);
        seen += 1;
      }
      return seen;
    };
    const readers = [reader(), reader()];
    for (let version = 1; version <= 100; version += 1) {
      await writeFilesTogether(directory, both(String(version)));
    }
    writing = false;
    for (const seen of await Promise.all(readers)) expect(seen).toBeGreaterThan(0);
    expect([await read('tls.crt'), await read('tls.key')]).toEqual(['100', '100']);
  });

  it('lets two writers work at the same time', async () => {
    const versions = Array.from({ length: 20 }, (_, version) => String(version));
    await Promise.all(versions.map((version) => writeFilesTogether(directory, both(version))));
    expect(versions).toContain(await read('tls.crt'));
    expect(await read('tls.crt')).toBe(await read('tls.key'));
  });

  it('replaces plain files by its own', async () => {
    await writeFile(join(directory, 'tls.crt'), 'plain');
    await writeFilesTogether(directory, both('new'));
    expect(await read('tls.crt')).toBe('new');
    expect((await stat(join(directory, 'tls.key'))).mode & 0o777).toBe(0o600);
  });

  it('removes versions that nobody can be reading any more', async () => {
    await writeFilesTogether(directory, both('1'));
    const old = await realpath(join(directory, '..data'));
    await utimes(old, new Date(0), new Date(0));
    await writeFilesTogether(directory, both('2'));
    await expect(stat(old)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await read('tls.crt')).toBe('2');
  });

  it('replaces one file and leaves nothing behind', async () => {
    const path = join(directory, 'bundle.pem');
    await writeFileAtomically(path, { content: 'a', mode: 0o644 });
    await writeFileAtomically(path, { content: 'b', mode: 0o644 });
    expect(await read('bundle.pem')).toBe('b');
    expect(await readdir(directory)).toEqual(['bundle.pem']);
  });
});
