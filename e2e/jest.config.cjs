const preset = require('../jest.preset.cjs');

/** Journeys and attacks share one running cluster, which is up for as long as the run. */
module.exports = {
  ...preset('e2e'),
  // They measure how long things take, and the cluster's own processes want the cores.
  runner: require.resolve('../jest.single-worker-runner.cjs'),
  globalSetup: require.resolve('./src/global-setup.ts'),
  globalTeardown: require.resolve('./src/global-teardown.ts'),
};
