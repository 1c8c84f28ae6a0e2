import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFolder } from './data-folder';
import { DataFolderError } from './data-folder.error';

const root = mkdtempSync(join(tmpdir(), 'data-folder-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});

function folderWith(name: string, files: Record<string, string>): string {
  const path = join(root, name);
  mkdirSync(path);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return path;
}

describe('a data folder is refused', () => {
  it.each<[string, () => string, RegExp]>([
    [
      'that is a file',
      () => {
        writeFileSync(join(root, 'file'), '');
        return join(root, 'file');
      },
      /cannot be used \(EEXIST/,
    ],
    [
      'inside a file',
      () => {
        writeFileSync(join(root, 'other-file'), '');
        return join(root, 'other-file', 'folder');
      },
      /cannot be used \(ENOTDIR/,
    ],
    ["with somebody's files", () => folderWith('photos', { 'cat.jpg': '' }), /is not empty/],
    [
      'with the data of another kind of store',
      () => folderWith('redis', { 'sallyport-store.json': '{"kind":"redis"}' }),
      /does not say that the folder holds postgres data/,
    ],
    [
      'with a damaged mark',
      () => folderWith('damaged', { 'sallyport-store.json': '{"kind":' }),
      /does not say that the folder holds postgres data/,
    ],
    [
      'whose mark is a folder',
      () => {
        const path = folderWith('odd', {});
        mkdirSync(join(path, 'sallyport-store.json'));
        return path;
      },
      /cannot be used \(EISDIR/,
    ],
  ])('%s', async (_case, make, problem) => {
    const path = make();
    const error: unknown = await DataFolder.open(path, 'postgres').catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(DataFolderError);
    expect(error).toMatchObject({ code: 'data_folder_unusable', folder: path });
    expect(String(error)).toMatch(problem);
    expect(String(error)).not.toContain('\n');
  });
});

describe('a data folder', () => {
  it('is made with its parents, lets a server pass through and is opened again', async () => {
    const path = join(root, 'a', 'b');
    await DataFolder.open(path, 'redis');
    expect(statSync(path).mode & 0o777).toBe(0o711);
    await expect(DataFolder.open(path, 'redis')).resolves.toMatchObject({ path });
  });

  it('keeps its files from everybody else', async () => {
    const folder = await DataFolder.open(join(root, 'secret'), 'postgres');
    await folder.write('password', 'x');
    await folder.write('password', 'y');
    expect(statSync(join(folder.path, 'password')).mode & 0o777).toBe(0o600);
    await expect(folder.read('password')).resolves.toBe('y');
    await expect(folder.read('nothing')).resolves.toBeUndefined();
  });

  it('leaves the permissions of a folder alone that exists with data', async () => {
    const path = join(root, 'strict');
    await DataFolder.open(path, 'postgres');
    chmodSync(path, 0o700);
    await DataFolder.open(path, 'postgres');
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  it('tells an orphan from a server whose launcher lives, whoever has the number now', async () => {
    const folder = await DataFolder.open(join(root, 'launched'), 'postgres');
    await expect(folder.latestLaunch()).resolves.toBeUndefined();
    await folder.recordLaunch(5432);
    await expect(folder.latestLaunch()).resolves.toEqual({ launcherPid: process.pid, port: 5432 });
    const server = { pid: 4711, commandLine: 'postgres' };
    await expect(folder.refuseIfLaunched({ ...server, parentPid: process.pid })).rejects.toThrow(
      `is in use by process ${process.pid}`,
    );
    await expect(folder.refuseIfLaunched({ ...server, parentPid: 1 })).resolves.toBeUndefined();
  });

  it('knows of no launch when the record is damaged', async () => {
    const folder = await DataFolder.open(join(root, 'torn'), 'postgres');
    await folder.write('launch.json', '{"launcherPid":"12"');
    await expect(folder.latestLaunch()).resolves.toBeUndefined();
  });
});
