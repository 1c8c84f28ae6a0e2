import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

jest.setTimeout(60_000);

const reporter = join(__dirname, '../../../../jest.reporter.cjs');
const root = mkdtempSync(join(tmpdir(), 'closing-reporter-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});

const files: Record<string, string> = {
  'jest.config.cjs': `module.exports = { reporters: ['default', ${JSON.stringify(reporter)}] };`,
  'package.json': '{}',
  'plain.test.js': `
    describe.skip('limits (skipped: no Redis)', () => { it('a', () => {}); it('b', () => {}); });
    it('works', () => {});`,
  'e2e/attacks/forged-headers.spec.js': `it('one', () => {}); it('two', () => {});`,
  'e2e/attacks/alg-none.spec.js': `it('one', () => {});`,
};

/** A run of Jest with the reporter, as somebody sees it who looks at both its outputs. */
function run(
  change: Record<string, string>,
  environment: Record<string, string> = {},
): {
  status: number | null;
  lines: string[];
} {
  const folder = mkdtempSync(join(root, 'run-'));
  for (const [name, text] of Object.entries({ ...files, ...change })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const jestProgram = require.resolve('jest/bin/jest');
  const { status, stdout } = spawnSync(
    '/bin/sh',
    ['-c', '"$0" "$1" --runInBand 2>&1', process.execPath, jestProgram],
    {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], CI: 'true', ...environment },
    },
  );
  return { status, lines: stdout.trimEnd().split('\n') };
}

describe('a run fails', () => {
  it('when a test does', () => {
    const { status, lines } = run({
      'wrong.test.js': `it('fails', () => { expect(1).toBe(2); });`,
    });
    expect(status).toBe(1);
    expect(lines.at(-1)).toBe('4 passed, 1 failed, 2 skipped');
  });

  it('when a suite cannot be loaded, which counts as a failure', () => {
    const { status, lines } = run({ 'broken.test.js': `throw new Error('broken');` });
    expect(status).toBe(1);
    expect(lines.at(-1)).toBe('4 passed, 1 failed, 2 skipped');
  });

  it('when a test is skipped and nothing may be', () => {
    const { status, lines } = run({}, { SALLYPORT_FAIL_ON_SKIP: '1' });
    expect(status).toBe(1);
    expect(lines.at(-1)).toBe('4 passed, 0 failed, 2 skipped');
    expect(lines).toContain('Skipped tests fail this run: SALLYPORT_FAIL_ON_SKIP is set.');
  });
});

describe('a run passes', () => {
  it('and says what each attack file refused and what was skipped, with the reason', () => {
    const { status, lines } = run({});
    expect(status).toBe(0);
    expect(lines.at(-1)).toBe('4 passed, 0 failed, 2 skipped');
    const text = lines.join('\n').replace(/ +/g, ' ');
    expect(text).toContain(
      '\nAttacks cases as promised\n alg-none 1 1\n forged-headers 2 2\n all 3 3\n',
    );
    expect(text).toContain('\nSkipped:\n limits (skipped: no Redis): 2 tests\n');
  });

  it('without a word on skipped tests when there are none', () => {
    const change = { 'plain.test.js': `it('works', () => {});` };
    const { status, lines } = run(change, { SALLYPORT_FAIL_ON_SKIP: '1' });
    expect(status).toBe(0);
    expect(lines.join('\n')).not.toContain('Skipped');
    expect(lines.at(-1)).toBe('4 passed, 0 failed, 0 skipped');
  });
});
