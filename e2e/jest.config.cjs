const preset = require('../jest.preset.cjs');

/** Journeys and attacks share one running cluster, which is up for as long as the run. */
module.exports = {
  ...preset('e2e'),
  // They measure how long things take: here nobody gives way.
  setupFiles: [],
  globalSetup: require.resolve('./src/global-setup.ts'),
  globalTeardown: require.resolve('./src/global-teardown.ts'),
};
