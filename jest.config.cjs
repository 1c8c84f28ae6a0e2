const { readdirSync, existsSync } = require('node:fs');
const { availableParallelism } = require('node:os');

const folders = [
  ...['apps', 'libs', 'tools'].flatMap((group) =>
    readdirSync(group).map((name) => `${group}/${name}`),
  ),
  'certs',
  'e2e',
].filter((folder) => existsSync(`${folder}/jest.config.cjs`));

module.exports = {
  projects: folders.map((folder) => `<rootDir>/${folder}`),
  reporters: ['default', 'summary', '<rootDir>/jest.reporter.cjs'],
  // Jest leaves one core to itself, which of two is half: specs wait more than they compute.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  // Node 20 keeps part of every file's modules; a worker that has grown is replaced by a fresh one. It also makes sure that
  // there are workers: one that something keeps from ending is ended, in band it would keep the run.
  workerIdleMemoryLimit: '1GB',
  // To close what it has open, on a machine that is busy.
  workerGracefulExitTimeout: 5_000,
};
