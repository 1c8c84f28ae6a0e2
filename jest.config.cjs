const { readdirSync, existsSync } = require('node:fs');

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
};
