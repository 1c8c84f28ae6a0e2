import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentOf, parsePublishedFolder } from './published-folder';
import { SecretPublisher } from './secret-publisher';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('a publisher of secrets', () => {
  let root: string;
  let now: number;
  let applied: [string, unknown][];
  let broken: Set<string>;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'secret-publisher-'));
    [now, applied, broken] = [0, [], new Set()];
  });
  afterEach(() => rm(root, { recursive: true }));

  const write = async (folder: string, files: Record<string, string>): Promise<void> => {
    await mkdir(join(root, folder), { recursive: true });
    for (const [name, text] of Object.entries(files))
      await writeFile(join(root, folder, name), text);
  };
  const publisherOf = (...secrets: string[]) =>
    new SecretPublisher({
      folders: secrets.map((secret) => ({ secret, folder: join(root, secret) })),
      api: {
        apply: async (name, data) => {
          if (broken.has(name)) throw new Error('the API server answered 403');
          applied.push([name, data]);
        },
      },
      rewriteMs: 1_000,
      clock: () => new Date(now),
    });

  it.each(['', 'a', 'a=relative', '=/b', 'A=/b', 'a-=/b', 'a/b=/c'])('takes no %j', (text) => {
    expect(() => parsePublishedFolder(text)).toThrow('expected SECRET=/FOLDER');
    expect(parsePublishedFolder('a-b=/c/d')).toEqual({ secret: 'a-b', folder: '/c/d' });
  });

  it('publishes no folder that is not there or empty, and says so', async () => {
    await mkdir(join(root, 'empty'));
    const publisher = publisherOf('absent', 'empty');
    await expect(publisher.pass()).resolves.toEqual({
      written: [],
      missing: [expect.stringMatching(/^absent: /), expect.stringMatching(/^empty: /)],
    });
    expect(applied).toEqual([]);
    await write('empty', { a: '1' });
    await expect(publisher.pass()).resolves.toMatchObject({ written: ['empty'] });
  });

  it('tries again what could not be written, and the others meanwhile', async () => {
    await write('first', { a: '1' });
    await write('second', { a: '2' });
    broken.add('first');
    const publisher = publisherOf('first', 'second');
    await expect(publisher.pass()).resolves.toEqual({
      written: ['second'],
      missing: ['first: the API server answered 403'],
    });
    broken.clear();
    await expect(publisher.pass()).resolves.toEqual({ written: ['first'], missing: [] });
  });

  it('writes what changed, and all of it now and then', async () => {
    await write('first', { a: '1' });
    const publisher = publisherOf('first');
    await publisher.pass();
    await publisher.pass();
    expect(applied).toEqual([['first', { a: base64('1') }]]);
    await write('first', { a: '3' });
    await publisher.pass();
    expect(applied).toHaveLength(2);
    now = 1_000;
    await publisher.pass();
    expect(applied).toHaveLength(3);
  });

  it('reads one version of a folder that is replaced as a whole', async () => {
    await write('svid/..one', { 'tls.crt': 'one' });
    await write('svid/..two', { 'tls.crt': 'two' });
    await write('svid/inner', { secret: 'of somebody else' });
    const folder = join(root, 'svid');
    await symlink('..one', join(folder, '..data'));
    await symlink('..data/tls.crt', join(folder, 'tls.crt'));
    await expect(contentOf(folder)).resolves.toEqual({ 'tls.crt': base64('one') });
    await symlink('..two', join(folder, '..new'));
    await rename(join(folder, '..new'), join(folder, '..data'));
    await expect(contentOf(folder)).resolves.toEqual({ 'tls.crt': base64('two') });
  });
});
