const { createRequire } = require('node:module');

// The one that Jest itself uses.
const { default: TestRunner } = createRequire(require.resolve('@jest/core'))('jest-runner');

const isEndToEnd = ({ context }) => context.config.displayName?.name === 'e2e';

/**
 * Runs the files of the project e2e one after the other, which share a cluster and measure how long things take. The others
 * take what the processors have left, see jest.give-way.cjs: on one worker fewer as long as those run, so that neither side
 * starves. In processes of their own, unlike what Jest calls serial: whatever a file leaves open does not keep the run from
 * ending.
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

  /** Has the first file of the last of the others' workers wait for the end of what runs. Jest waits for its listeners. */
  async holdOneWorker(running) {
    let started = 0;
    this.others.on('test-file-start', async () => {
      started += 1;
      if (started === this.workers) await Promise.allSettled([running]);
    });
    await running;
  }

  async runTests(tests, watcher, options) {
    const lanes = [
      [this.endToEnd, tests.filter(isEndToEnd)],
      [this.others, tests.filter((test) => !isEndToEnd(test))],
    ].filter(([, files]) => files.length > 0);
    const run = ([lane, files]) => lane.runTests(files, watcher, options);
    if (options.serial) for (const lane of lanes) await run(lane);
    else if (lanes.length > 1)
      await Promise.all([this.holdOneWorker(run(lanes[0])), run(lanes[1])]);
    else await Promise.all(lanes.map(run));
  }
};
