const { relative } = require('node:path');

/** What a suite says that needs more than the cluster under test offers: see e2e/src/needs.ts. */
const WITH_REASON = /(\(this cluster does not offer [^)]+\))/;

/**
 * Closes a run in plain words: what each attack file refused, which suites were skipped, and one line
 * that counts, which is the last. With SALLYPORT_FAIL_ON_SKIP=1 a skipped test fails the run.
 */
module.exports = class ClosingReporter {
  constructor(globalConfig) {
    this.rootDir = globalConfig.rootDir;
    this.lines = [];
    // Jest puts its own summary behind all other reporters.
    process.once('exit', () =>
      process.stdout.write(this.lines.map((line) => `${line}\n`).join('')),
    );
  }

  onRunComplete(_contexts, results) {
    this.lines = [];
    this.printAttacks(results.testResults);
    const skipped = results.numPendingTests + results.numTodoTests;
    this.printSkipped(results.testResults);
    // A suite that did not even load has run no test; it counts as one that failed.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    this.failed = skipped > 0 && process.env.SALLYPORT_FAIL_ON_SKIP === '1';
    if (this.failed) this.print('\nSkipped tests fail this run: SALLYPORT_FAIL_ON_SKIP is set.');
    this.print(`\n${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped`);
  }

  getLastError() {
    return this.failed ? new Error('some tests were skipped') : undefined;
  }

  printAttacks(suites) {
    const attacks = suites
      .map((suite) => ({ ...suite, file: relative(this.rootDir, suite.testFilePath) }))
      .filter(({ file }) => file.startsWith('e2e/attacks/'))
      .sort((one, other) => one.file.localeCompare(other.file));
    if (attacks.length === 0) return;
    this.print('\nAttacks                                             cases  as promised');
    let cases = 0;
    let passed = 0;
    for (const { file, testResults, numPassingTests } of attacks) {
      const name = file.replace(/^e2e\/attacks\//, '').replace(/\.spec\.[jt]s$/, '');
      this.print(`  ${name.padEnd(48)} ${pad(testResults.length)}  ${pad(numPassingTests)}`);
      cases += testResults.length;
      passed += numPassingTests;
    }
    this.print(`  ${'all'.padEnd(48)} ${pad(cases)}  ${pad(passed)}`);
  }

  printSkipped(suites) {
    const skipped = suites.flatMap((suite) =>
      suite.testResults
        .filter(({ status }) => ['pending', 'todo', 'skipped'].includes(status))
        .map((test) => ({ ...test, file: relative(this.rootDir, suite.testFilePath) })),
    );
    if (skipped.length === 0) return;
    const names = new Map();
    for (const { file, ancestorTitles, title } of skipped) {
      const [, reason] = WITH_REASON.exec([...ancestorTitles, title].join(' ')) ?? [];
      const name = reason === undefined ? (ancestorTitles[0] ?? title) : `${file} ${reason}`;
      names.set(name, (names.get(name) ?? 0) + 1);
    }
    this.print('\nSkipped:');
    for (const [name, count] of names)
      this.print(`  ${name}: ${count} ${count === 1 ? 'test' : 'tests'}`);
  }

  print(line) {
    this.lines.push(line);
  }
};

function pad(count) {
  return String(count).padStart(6);
}
