module.exports = require('../../jest.preset.cjs')('cluster-secrets');
