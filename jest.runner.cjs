const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');

// The one that Jest itself uses.
const { default: TestRunner } = createRequire(require.resolve('@jest/core'))('jest-runner');

const isEndToEnd = ({ context }) => context.config.displayName?.name === 'e2e';

/** A spec that holds things to bounds of their own, or computes for minutes, begins with this and a reason. */
const isTimed = ({ path }) => readFileSync(path, 'utf8').startsWith('/** @timed ');

/**
 * Runs the files of the project e2e one after the other, which share a cluster and measure how long things take. The others
 * take what the processors have left, see jest.give-way.cjs: on one worker fewer as long as those run, and the timed ones
 * once those are done. So neither side starves. In processes of their own, unlike what Jest calls serial: whatever a file
 * leaves open does not keep the run from ending.
 */
module.exports = class TwoLanesRunner extends TestRunner {
  constructor(globalConfig, ...rest) {
    super(globalConfig, ...rest);
    this.endToEnd = new TestRunner({ ...globalConfig, maxWorkers: 1 }, ...rest);
    this.others = new TestRunner(globalConfig, ...rest);
    this.workers = globalConfig.maxWorkers;
  }

  on(event, listener) {
    const ends = [this.endToEnd, this.others].map((lane) => lane.on(event, listener));
    return () => ends.forEach((end) => end());
  }

  /** Has the last of the others' workers, and every timed file, wait for the end of what runs. Jest waits for its listeners. */
  async holdOthers(running) {
    let started = 0;
    this.others.on('test-file-start', async ([test]) => {
      started += 1;
      if (started === this.workers || isTimed(test)) await Promise.allSettled([running]);
    });
    await running;
  }

  async runTests(tests, watcher, options) {
    const [endToEnd, others] = [
      tests.filter(isEndToEnd),
      tests.filter((test) => !isEndToEnd(test)),
    ];
    const inTurn = [...others.filter((test) => !isTimed(test)), ...others.filter(isTimed)];
    const runEndToEnd = () => this.endToEnd.runTests(endToEnd, watcher, options);
    const runOthers = () => this.others.runTests(inTurn, watcher, options);
    if (endToEnd.length === 0) await runOthers();
    else if (others.length === 0) await runEndToEnd();
    else if (options.serial) {
      await runEndToEnd();
      await runOthers();
    } else await Promise.all([this.holdOthers(runEndToEnd()), runOthers()]);
  }
};
