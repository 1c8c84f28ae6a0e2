const { createRequire } = require('node:module');

// The one that Jest itself uses.
const { default: TestRunner } = createRequire(require.resolve('@jest/core'))('jest-runner');

/** Runs the files of a project one after the other, and while no other project runs. */
module.exports = class SerialRunner extends TestRunner {
  isSerial = true;
};
