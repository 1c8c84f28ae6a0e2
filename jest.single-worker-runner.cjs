const { createRequire } = require('node:module');

// The one that Jest itself uses.
const { default: TestRunner } = createRequire(require.resolve('@jest/core'))('jest-runner');

/**
 * Runs the files of a project one after the other, and while no other project runs. In a process of its own, unlike what
 * Jest calls serial: whatever a file leaves open does not keep the run from ending.
 */
module.exports = class SingleWorkerRunner extends TestRunner {
  constructor(globalConfig, ...rest) {
    super({ ...globalConfig, maxWorkers: 1 }, ...rest);
  }
};
