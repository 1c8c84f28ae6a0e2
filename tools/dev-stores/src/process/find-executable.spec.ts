import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, relative } from 'node:path';
import { findExecutable } from './find-executable';

const folder = mkdtempSync(join(tmpdir(), 'find-executable-'));
const [first, second] = [join(folder, 'first'), join(folder, 'second')];
for (const path of [first, second, join(first, 'folder')]) mkdirSync(path);
for (const path of [join(first, 'b'), join(second, 'a'), join(second, 'b')]) {
  writeFileSync(path, '');
  chmodSync(path, 0o755);
}
writeFileSync(join(first, 'text'), '');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('findExecutable', () => {
  it.each([
    ['a program that is nowhere', 'c', first],
    ['a file nobody may execute', 'text', first],
    ['a folder', 'folder', first],
    ['a program in a relative folder', 'b', relative(process.cwd(), first)],
    ['anything on an empty path', 'b', ''],
  ])('does not find %s', (_case, name, searchPath) => {
    expect(findExecutable([name], searchPath)).toBeUndefined();
  });

  it('takes the first folder that has the program, and the first name that is found at all', () => {
    const searchPath = [first, second].join(delimiter);
    expect(findExecutable(['b'], searchPath)).toBe(join(first, 'b'));
    expect(findExecutable(['a', 'b'], searchPath)).toBe(join(second, 'a'));
  });
});
